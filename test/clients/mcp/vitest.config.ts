import { defineConfig } from 'vitest/config'
import shared from '../../../vitest.config.ts'

const { globalSetup: _needsNoDatabase, ...options } = shared.test ?? {}

export default defineConfig({
  ...shared,
  root: '.',
  test: { ...options, include: ['test/clients/mcp/*.test.ts'], exclude: ['**/node_modules/**'] },
})
