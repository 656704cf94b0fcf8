import { runCli, type CliCommand, type CliIo } from '../../src/cli/cli.ts'

export type CliWorld = {
  readonly env?: CliIo['env']
  readonly files?: Readonly<Record<string, string>>
  /** Answers by path of the address. */
  readonly replies?: Readonly<Record<string, () => Response>>
  /** What somebody types at the terminal, question by question; left out: there is no terminal. */
  readonly typed?: readonly string[]
}

export type CliOutcome = {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly files: ReadonlyMap<string, string>
  readonly requests: readonly { readonly path: string; readonly body: unknown }[]
}

/** Runs one command line in a world without disk, network or terminal. */
export async function runIn(
  world: CliWorld,
  commands: readonly CliCommand[],
  argv: readonly string[],
): Promise<CliOutcome> {
  let [out, err] = ['', '']
  const files = new Map(Object.entries(world.files ?? {}))
  const requests: { path: string; body: unknown }[] = []
  const typed = [...(world.typed ?? [])]
  const io: CliIo = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    env: world.env ?? {},
    fetch: async (url, init) => {
      const { pathname: path } = new URL(url instanceof Request ? url.url : url)
      requests.push({ path, body: typeof init?.body === 'string' ? JSON.parse(init.body) : undefined })
      const reply = world.replies?.[path]
      if (reply === undefined) throw new TypeError('fetch failed')
      return reply()
    },
    readFile: async (path) => files.get(path) ?? Promise.reject(new Error('no such file')),
    writeFile: async (path, text) => void files.set(path, text),
    ask:
      world.typed === undefined
        ? null
        : async (question, answer) => {
            err += `${question}(${answer})\n`
            return typed.shift() ?? ''
          },
  }
  const code = await runCli(commands, argv, io)
  return { code, out, err, files, requests }
}
