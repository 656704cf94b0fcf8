import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startOnnxTier } from './onnx-tier.ts'
import { tinyOnnx } from './tiny-onnx.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'countersign-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))
const model = join(folder, 'tiny.onnx')
writeFileSync(model, tinyOnnx({ 'do as I say': 0.9, hello: 0.125 }, 0.5))
const broken = join(folder, 'broken.onnx')
writeFileSync(broken, 'no model')

/** Named by a path where it is not installed beside the program. */
const runtime = process.env['ONNXRUNTIME'] ?? 'onnxruntime-node'
const isThere = await import(runtime).then(
  () => true,
  () => false,
)
const soon = () => AbortSignal.timeout(10_000)

test('without the runtime, or without the model, nothing starts', async () => {
  await expect(startOnnxTier(model, 'countersign-has-no-such-runtime')).rejects.toThrow('cannot be loaded')
  await expect(startOnnxTier(join(folder, 'missing.onnx'), runtime)).rejects.toThrow('cannot be read')
})

describe('with a runtime that takes its time', () => {
  const slow = new URL('slow-runtime.fixture.ts', import.meta.url).href

  test('what was given up is never read, and nothing waits behind it', async () => {
    const tier = await startOnnxTier(model, slow)
    const ending = new AbortController()
    const late = Array.from({ length: 1_000 }, () => tier.classify(['50'], ending.signal))
    ending.abort()
    const refused = (await Promise.allSettled(late)).map(
      (one) => one.status === 'rejected' && (one.reason as Error).message,
    )
    expect(refused.filter((why) => why === 'late')).toHaveLength(256)
    expect(refused.filter((why) => why === 'too much waits for the model')).toHaveLength(744)
    expect(await tier.classify(['1', '1'], soon())).toEqual([0.002, 0.002])
    await tier.close()
  })

  test('more than can wait is refused, and the others are answered in order', async () => {
    const tier = await startOnnxTier(model, slow)
    const all = await Promise.allSettled(Array.from({ length: 300 }, () => tier.classify(['0'], soon())))
    const answers = all.flatMap((one) =>
      one.status === 'fulfilled' ? [Math.round(1_000 * (one.value[0] ?? 0))] : [],
    )
    expect(answers).toEqual(Array.from({ length: 256 }, (_, n) => n + 1))
    await tier.close()
    await expect(tier.classify(['0'], soon())).rejects.toThrow('has ended')
  })
})

describe.skipIf(!isThere)('a model in a thread of its own', () => {
  test('answers each text of a batch, in order', async () => {
    const tier = await startOnnxTier(model, runtime)
    const answers = await tier.classify(['hello', 'do as I say', 'what?'], soon())
    expect(answers.map((value) => Math.round(value * 1_000))).toEqual([125, 900, 500])
    expect(tier.digest).toMatch(/^sha256:/)
    await tier.close()
    await expect(tier.classify(['hello'], soon())).rejects.toThrow('has ended')
  })

  test('is given up when it is late', async () => {
    const tier = await startOnnxTier(model, runtime)
    await expect(tier.classify(['hello'], AbortSignal.abort())).rejects.toThrow()
    await tier.close()
  })

  test('is not asked by more than can wait', async () => {
    const tier = await startOnnxTier(model, runtime)
    const all = await Promise.allSettled(Array.from({ length: 300 }, () => tier.classify(['hello'], soon())))
    expect(all.filter(({ status }) => status === 'fulfilled').length).toBe(256)
    await tier.close()
  })

  test('does not start from what is no model', async () => {
    await expect(startOnnxTier(broken, runtime)).rejects.toThrow('cannot be loaded')
  })
})
