import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { DemoProcess } from '../../app/ports/demo.ts'

const longestLastWords = 500 // characters
const stopWithinMs = 90_000 // its database may take a minute

export type DemoProcessOptions = {
  /** The program and its first arguments; `demo` and its options follow. */
  readonly program: readonly string[]
  /** Further options of `demo`. */
  readonly options?: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/**
 * The demo as a child process. It holds the other end of a pipe from us as its standard input: when we end, however we end, the
 * pipe ends, and the demo with it.
 */
export function demoProcess({ program, options: more = [], env }: DemoProcessOptions): DemoProcess {
  return {
    launch: (how, listener) => {
      const [command = process.execPath, ...first] = program
      const options = ['demo', '--json', '--attached', ...(how === 'again' ? ['--again'] : []), ...more]
      // Its own process group: Ctrl-C in a terminal reaches us, and we end the demo in our own order.
      const child = spawn(command, [...first, ...options], { env, stdio: 'pipe', detached: true })
      child.stdin.on('error', () => undefined) // it has ended, which `exit` tells
      let lastWords = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        lastWords = `${lastWords}${text}`.slice(-longestLastWords)
      })
      createInterface({ input: child.stdout }).on('line', (line) => {
        const told = parsed(line)
        if (typeof told['line'] === 'string') listener.step(told['line'])
        const { origin, gateway } = told
        if (typeof origin === 'string' && typeof gateway === 'string') listener.ready({ origin, gateway })
      })
      const ended = new Promise<string>((done) => {
        child.once('error', (error) => done(error.message))
        child.once('close', (code, signal) => done(sense(lastWords) ?? `it ended with ${code ?? signal}`))
      })
      return {
        ended,
        stop: async () => {
          child.stdin.end()
          child.kill('SIGTERM')
          const late = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
          await ended
          clearTimeout(late)
        },
      }
    },
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>> // members are judged by the caller
  } catch {
    return {} // not a line of the protocol
  }
}

/** What the child said last on its error channel; null when nothing. */
function sense(words: string): string | null {
  const last = words.trim().split('\n').at(-1) ?? ''
  const { error } = parsed(last)
  if (typeof error === 'string') return error
  return last === '' ? null : last
}
