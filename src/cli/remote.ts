import { type Client, createClient } from '../contracts/client.ts'
import type { Route } from '../contracts/route.ts'
import { type CliIo, UsageError } from './cli.ts'

/**
 * A client from the environment: `COUNTERSIGN_URL`, and `COUNTERSIGN_API_KEY` or the session in the file that
 * `COUNTERSIGN_SESSION` names. A session that the server renews is written back.
 */
export async function remote(
  routes: readonly Route[],
  io: CliIo,
): Promise<{ readonly client: Client; readonly save: () => Promise<void> }> {
  const { COUNTERSIGN_URL: baseUrl, COUNTERSIGN_API_KEY: apiKey, COUNTERSIGN_SESSION: file } = io.env
  if (baseUrl === undefined || !URL.canParse(baseUrl))
    throw new UsageError('set COUNTERSIGN_URL to the address of the server')
  if (apiKey !== undefined)
    return { client: createClient(routes, { baseUrl, apiKey, fetch: io.fetch }), save: async () => undefined }
  const before = file === undefined ? null : await io.readFile(file).catch(() => null) // no session yet is no error
  const cookies = readSession(before, new URL(baseUrl).origin)
  const write = () => sessionText(baseUrl, cookies)
  const loaded = write()
  return {
    client: createClient(routes, { baseUrl, cookies, fetch: io.fetch }),
    save: async () => {
      if (file !== undefined && write() !== loaded) await io.writeFile(file, write())
    },
  }
}

/** The text of a session file: a session belongs to one origin. */
export function sessionText(baseUrl: string, cookies: ReadonlyMap<string, string>): string {
  return JSON.stringify({ origin: new URL(baseUrl).origin, cookies: [...cookies] })
}

/** Cookies of a session file; a session is never sent to another origin than the one that gave it. */
function readSession(text: string | null, origin: string): Map<string, string> {
  if (text === null) return new Map()
  try {
    const session = JSON.parse(text) as { origin?: unknown; cookies?: unknown } // checked below
    if (session.origin !== origin || !Array.isArray(session.cookies)) return new Map()
    return new Map(session.cookies as [string, string][]) // written by `save`
  } catch (cause) {
    throw new UsageError('the session file is damaged; sign in again', { cause })
  }
}
