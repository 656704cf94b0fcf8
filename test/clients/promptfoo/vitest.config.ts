import { defineConfig } from 'vitest/config'
import shared from '../../../vitest.config.ts'

const { globalSetup: _needsNoDatabase, ...options } = shared.test ?? {}

export default defineConfig({
  ...shared,
  root: '.',
  // Each run starts a process that loads a large tree; on a busy machine that alone takes half a minute.
  test: {
    ...options,
    testTimeout: 240_000,
    include: ['test/clients/promptfoo/*.test.ts'],
    exclude: ['**/node_modules/**'],
  },
})
