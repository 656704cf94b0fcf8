import { chmod, readFile, writeFile } from 'node:fs/promises'
import type { CliIo } from './cli.ts'

/** The world of the real process. */
export function nodeIo(): CliIo {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    fetch,
    readFile: (path) => readFile(path, 'utf8'),
    writeFile: async (path, text) => {
      await writeFile(path, text, { mode: 0o600 })
      await chmod(path, 0o600) // the mode above counts for new files only
    },
  }
}
