import { pathParams, type Route } from '../contracts/route.ts'
import { exitCodes, printable, UsageError, type CliCommand, type CliIo } from './cli.ts'
import { remote } from './remote.ts'

/** `call <routeId>`: reaches every route of the table. */
export function callCommand(routes: readonly Route[]): CliCommand {
  return {
    name: 'call',
    summary: 'Call any route of the API by its id',
    positionals: ['routeId'],
    options: {
      params: { type: 'string', help: 'path parameters as JSON, or @file' },
      query: { type: 'string', help: 'query as JSON, or @file' },
      body: { type: 'string', help: 'body as JSON, or @file' },
      'if-match': { type: 'string', help: 'the revision that you read' },
      'idempotency-key': { type: 'string', help: 'to repeat a request safely' },
    },
    run: async ({ values, positionals, io, print }) => {
      const [id = ''] = positionals
      const params = await jsonArgument(values['params'], io)
      assertCallable(routes, id, params)
      const revision = values['if-match']
      if (revision !== undefined && !/^\d{1,15}$/.test(String(revision)))
        throw new UsageError('--if-match is a number')
      const key = values['idempotency-key']
      const input = {
        params,
        query: await jsonArgument(values['query'], io),
        body: await jsonArgument(values['body'], io),
        ifMatch: revision === undefined ? undefined : Number(revision),
        idempotencyKey: typeof key === 'string' ? key : undefined,
      }
      const { client, save } = await remote(routes, io)
      const reply = await client.callById(id, input)
      await save()
      print(reply, printable(JSON.stringify(reply, null, 2)))
      return exitCodes.ok
    },
  }
}

function assertCallable(routes: readonly Route[], id: string, params: unknown): void {
  const route = routes.find((item) => item.id === id)
  if (route === undefined) {
    const family = `${id.split('.')[0]}.`
    const kin = routes.map((item) => item.id).filter((known) => known.startsWith(family))
    const hint = kin.length === 0 ? 'docs/openapi.json lists them' : `there are ${kin.join(', ')}`
    throw new UsageError(`there is no route \`${id}\`; ${hint}`)
  }
  const given = typeof params === 'object' && params !== null ? params : {}
  const missing = pathParams(route.path).filter((name) => !Object.hasOwn(given, name))
  if (missing.length > 0)
    throw new UsageError(
      `\`${id}\` is ${route.method} ${route.path}: --params must name ${missing.join(', ')}`,
    )
}

/** JSON given on the command line, or in the file after `@`. */
export async function jsonArgument(value: string | boolean | undefined, io: CliIo): Promise<unknown> {
  if (typeof value !== 'string') return undefined
  try {
    return JSON.parse(value.startsWith('@') ? await io.readFile(value.slice(1)) : value)
  } catch (cause) {
    throw new UsageError(`\`${value.slice(0, 80)}\` is not readable JSON`, { cause })
  }
}
