import { expect, test } from 'vitest'
import { consoleSize } from '../support/console-size.ts'

/** Bytes after gzip, as the design of the console allows them. */
const limits = { js: 250_000, css: 45_000, screen: 70_000 }

test('the console stays within its limits on the wire', () => {
  const { js, css, screens } = consoleSize()
  expect.soft(js, 'JavaScript of the frame and the Overview').toBeLessThanOrEqual(limits.js)
  expect.soft(css, 'style sheets').toBeLessThanOrEqual(limits.css)
  for (const [name, size] of Object.entries(screens))
    expect.soft(size, `what ${name} adds`).toBeLessThanOrEqual(limits.screen)
  expect(Object.keys(screens).length).toBeGreaterThan(1)
})
