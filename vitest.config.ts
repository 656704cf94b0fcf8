import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'console/src/**/*.test.ts', 'test/**/*.test.ts'],
    // They have packages of their own: `.ci/steps`.
    exclude: [
      '**/node_modules/**',
      'test/clients/frameworks/**',
      'test/clients/mcp/**',
      'test/clients/promptfoo/**',
    ],
    globalSetup: 'test/support/database.ts',
    isolate: false,
    pool: 'threads',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
