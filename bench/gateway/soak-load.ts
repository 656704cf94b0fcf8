import { Pool } from 'undici'
import { obviousSecret } from '../../test/support/mock-provider/scenarios.ts'

/** What became of the calls so far. `ended`: with something else than the end of an answer. */
export type Tally = { full: number; refused: number; ended: number; failed: number; late: number }

const mostOpen = 128
const text = 'The host made a connection to a rare domain. '.repeat(86)

/**
 * Callers of one gateway: of four calls one asks for a stream, of fifty one holds a secret, which the gateway masks. No
 * two bodies are the same.
 */
export function loadOf(origin: string, model: string) {
  const pool = new Pool(origin, { connections: mostOpen })
  const tally: Tally = { full: 0, refused: 0, ended: 0, failed: 0, late: 0 }
  const refusals: Record<string, number> = {}
  const errors: Record<string, number> = {}
  let [serial, open] = [0, 0]

  async function call(key: string): Promise<void> {
    serial += 1
    const isStream = serial % 4 === 0
    const content = `${serial} ${serial % 50 === 0 ? `use ${obviousSecret} ` : ''}${text}`
    open += 1
    try {
      const { statusCode, headers, body } = await pool.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ model, messages: [{ role: 'user', content }], stream: isStream }),
      })
      const answer = await body.text()
      if (statusCode !== 200) {
        const name = `${statusCode} ${String(headers['countersign-reason'])}`
        refusals[name] = (refusals[name] ?? 0) + 1
        tally.refused += 1
      } else if (isStream ? answer.endsWith('data: [DONE]\n\n') : answer.endsWith('}')) tally.full += 1
      else tally.ended += 1
    } catch (error) {
      const name =
        error instanceof Error
          ? `${'code' in error ? String(error.code) : error.name}: ${error.message}`
          : 'unknown'
      errors[name] = (errors[name] ?? 0) + 1
      tally.failed += 1
    } finally {
      open -= 1
    }
  }

  return {
    tally,
    refusals,
    /** Of calls without any answer: what the client was told. */
    errors,
    calls: () => serial,
    /** As many calls as so many callers get answered until `until` says stop; calls per second. */
    fast: async (key: () => string, callers: number, seconds: number): Promise<number> => {
      const [before, beganAt] = [serial, performance.now()]
      const one = async () => {
        while (performance.now() - beganAt < seconds * 1_000) await call(key())
      }
      await Promise.all(Array.from({ length: callers }, one))
      return (serial - before) / ((performance.now() - beganAt) / 1_000)
    },
    /** Calls at an even pace, whether answered or not; one that finds too many open is left out and counted. */
    paced: (key: () => string, perSecond: number): { readonly stop: () => Promise<void> } => {
      const [beganAt, running] = [performance.now(), new Set<Promise<void>>()]
      let due = 0
      const timer = setInterval(() => {
        const wanted = Math.floor(((performance.now() - beganAt) / 1_000) * perSecond)
        for (; due < wanted; due += 1) {
          if (open >= mostOpen) {
            tally.late += 1
            continue
          }
          const underway = call(key()).finally(() => running.delete(underway))
          running.add(underway)
        }
      }, 10)
      return {
        stop: async () => {
          clearInterval(timer)
          await Promise.all(running)
        },
      }
    },
    close: () => pool.close(),
  }
}
