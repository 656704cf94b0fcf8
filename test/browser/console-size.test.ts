import { expect, test } from 'vitest'
import { consoleSize } from '../support/console-size.ts'

/** Limits of the design, in bytes after gzip. */
const kib = 1_024
const limits = { js: 250 * kib, css: 45 * kib, screen: 70 * kib }

test('the console stays within its limits on the wire', () => {
  const { js, css, screens } = consoleSize()
  expect.soft(js, 'JavaScript of every visit').toBeLessThanOrEqual(limits.js)
  expect.soft(css, 'style sheets').toBeLessThanOrEqual(limits.css)
  for (const [name, size] of Object.entries(screens))
    expect.soft(size, `what ${name} adds`).toBeLessThanOrEqual(limits.screen)
  expect(Object.keys(screens).length).toBeGreaterThan(1)
})
