#!/usr/bin/env node
// The `countersign` command: the bootstrap with the program's entry filled in.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
process.argv.splice(2, 0, 'src/main/main.ts')
await import(join(here, 'run.mjs'))
