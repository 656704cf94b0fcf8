import { expect, test } from 'vitest'
import { consoleSize } from '../support/console-size.ts'

/**
 * Bytes after gzip. The design allows 250 KiB of JavaScript at first; the catalogues of all areas are still a part of it,
 * so the limit here only keeps it from growing.
 */
const kib = 1_024
const limits = { js: 265 * kib, css: 45 * kib, screen: 70 * kib }

test('the console stays within its limits on the wire', () => {
  const { js, css, screens } = consoleSize()
  expect.soft(js, 'JavaScript of every visit').toBeLessThanOrEqual(limits.js)
  expect.soft(css, 'style sheets').toBeLessThanOrEqual(limits.css)
  for (const [name, size] of Object.entries(screens))
    expect.soft(size, `what ${name} adds`).toBeLessThanOrEqual(limits.screen)
  expect(Object.keys(screens).length).toBeGreaterThan(1)
})
