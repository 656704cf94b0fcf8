import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { hostileTexts } from './support/hostile-texts.ts'

const [short, long] = [8_192, 32_768]

test('law: what the guard does for a text grows as its length does, whatever is in it', {
  timeout: 120_000,
}, () => {
  const script = resolve(import.meta.dirname, 'support/count-operations.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, String(short), String(long)], {
    encoding: 'utf8',
  })
  expect(stderr.includes('Error') ? stderr : '').toBe('')
  expect(status).toBe(0)
  const counts = JSON.parse(stdout) as Readonly<Record<string, readonly [number, number]>> // our own script
  expect(Object.keys(counts)).toHaveLength(Object.keys(hostileTexts).length + 1)
  const [, usual = 0] = counts['ordinary'] ?? []
  expect(usual).toBeGreaterThan(long) // it was counted at all
  const steep = Object.entries(counts).filter(
    ([, [atShort, atLong]]) => atLong / atShort > (1.2 * long) / short,
  )
  expect(steep).toEqual([]) // twice the length, four times the work would be 16 times as much here
  const dear = Object.entries(counts).filter(([, [, atLong]]) => atLong > 8 * usual)
  expect(dear).toEqual([])
})
