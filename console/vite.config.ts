import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What a route is for is said in its documentation; a browser that calls it does not ask. */
const withoutSummaries: Plugin = {
  name: 'without-summaries',
  enforce: 'pre',
  transform: (code: string, id: string) =>
    id.includes('/src/contracts/routes/')
      ? { code: code.replaceAll(/^ {2}summary:\s*(?:'(?:[^'\\\n]|\\.)*'|`[^`$]*`),$/gm, ''), map: null }
      : null,
}

/** The console is built once for each version of its sources (`scripts/console.mjs`) and served by `src/api`. */
export default defineConfig({
  root: here('.'),
  base: '/',
  plugins: [withoutSummaries],
  cacheDir: here('../node_modules/.vite-console'),
  resolve: {
    alias: {
      // The kernel hashes with what the platform has; in the browser that is a library.
      'node:crypto': here('src/platform/crypto.ts'),
      'node:util': here('src/platform/util.ts'),
    },
  },
  build: {
    outDir: here('dist'),
    emptyOutDir: true,
    manifest: true, // what loads what, for the limits of size
    target: 'es2023',
    modulePreload: { polyfill: false },
    // One sheet for all screens: tokens and components are shared, and late styles would move what is already drawn.
    cssCodeSplit: false,
    reportCompressedSize: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_000, // `bench/console` holds the real limit, compressed
    rolldownOptions: {
      // The setting of `platform/zod.ts` must stand before any schema is made, whichever chunk makes it.
      output: { codeSplitting: { groups: [{ name: 'schema', test: /node_modules\/zod\/|platform\/zod/ }] } },
      // Libraries mark what only a browser may run; all of this is run there.
      onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
    },
  },
})
