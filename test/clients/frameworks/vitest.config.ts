import { defineConfig } from 'vitest/config'
import shared from '../../../vitest.config.ts'

export default defineConfig({
  ...shared,
  root: '.',
  test: { ...shared.test, include: ['test/clients/frameworks/*.test.ts'], exclude: ['**/node_modules/**'] },
})
