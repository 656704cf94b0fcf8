import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
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
    ask: process.stdin.isTTY && process.stderr.isTTY ? askAtTerminal : null,
  }
}

/** Questions go to stderr, so that they do not mix with a result; readline echoes what is typed into `echo`. */
async function askAtTerminal(question: string, answer: 'shown' | 'hidden'): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const echo = answer === 'shown' ? process.stderr : nowhere
  const lines = createInterface({ input: process.stdin, output: echo, terminal: true })
  process.stderr.write(question) // from here on the terminal itself shows nothing that is typed
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('close', () => reject(new Error('nothing was entered')))
    })
  } finally {
    lines.close()
    if (answer === 'hidden') process.stderr.write('\n')
  }
}
