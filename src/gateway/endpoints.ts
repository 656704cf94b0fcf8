import { anthropicMessages, anthropicTokenCount } from './dialect/anthropic-messages/index.ts'
import { lakeraShape, promptShieldsShape, type CheckShape } from './check-shapes.ts'
import { azureChat, azureEmbeddings, azureResponses } from './dialect/azure/index.ts'
import type { Dialect } from './dialect/dialect.ts'
import { openaiChat } from './dialect/openai-chat/index.ts'
import { openaiEmbeddings } from './dialect/openai-embeddings/index.ts'
import { openaiResponses } from './dialect/openai-responses/index.ts'
import { isServerName } from '../kernel/server-name.ts'

/** What a path of the gateway's port leads to. */
export type Endpoint =
  | {
      readonly k: 'call'
      readonly method: 'POST'
      readonly dialect: Dialect
      /** The alias that the path names; null: the body does. */
      readonly deployment: string | null
    }
  | { readonly k: 'models'; readonly method: 'GET'; readonly api: 'openai' | 'anthropic' }
  /** `shape`: the API of another vendor in which it is asked; null: our own. */
  | { readonly k: 'check'; readonly method: 'POST'; readonly shape: CheckShape | null }
  /** Messages that pass between a client and a server elsewhere. */
  | { readonly k: 'decide'; readonly method: 'POST' }
  /** A server of the grant, or all of them. */
  | { readonly k: 'mcp'; readonly method: null; readonly server: string | null }

const call = (dialect: Dialect, deployment: string | null = null): Endpoint => ({
  k: 'call',
  method: 'POST',
  dialect,
  deployment,
})
const models = (api: 'openai' | 'anthropic'): Endpoint => ({ k: 'models', method: 'GET', api })

/** Paths below the base URL that the client of a provider is given. */
const openai: Readonly<Record<string, Endpoint>> = {
  '/v1/chat/completions': call(openaiChat),
  '/v1/responses': call(openaiResponses),
  '/v1/embeddings': call(openaiEmbeddings),
  '/v1/models': models('openai'),
}
/** Azure addresses its newer API as OpenAI's; of the older one these two name no deployment. */
const azure: Readonly<Record<string, Endpoint>> = {
  '/v1/chat/completions': call(azureChat),
  '/v1/responses': call(azureResponses),
  '/v1/embeddings': call(azureEmbeddings),
  '/v1/models': models('openai'),
  '/responses': call(azureResponses),
  '/models': models('openai'),
}
const azureByDeployment: Readonly<Record<string, Dialect>> = {
  'chat/completions': azureChat,
  embeddings: azureEmbeddings,
}
const anthropic: Readonly<Record<string, Endpoint>> = {
  '/v1/messages': call(anthropicMessages),
  '/v1/messages/count_tokens': call(anthropicTokenCount),
}

const endpoints: ReadonlyMap<string, Endpoint> = new Map([
  ...Object.entries({ ...openai, ...anthropic }),
  ...Object.entries(openai).map(([path, endpoint]) => [`/openai${path}`, endpoint] as const),
  ...Object.entries(azure).map(([path, endpoint]) => [`/azure/openai${path}`, endpoint] as const),
  ...Object.entries(anthropic).map(([path, endpoint]) => [`/anthropic${path}`, endpoint] as const),
  ['/anthropic/v1/models', models('anthropic')],
  ['/v1/guard/check', { k: 'check', method: 'POST', shape: null } as const],
  ['/v2/guard', { k: 'check', method: 'POST', shape: lakeraShape } as const],
  ['/contentsafety/text:shieldPrompt', { k: 'check', method: 'POST', shape: promptShieldsShape } as const],
  ['/v1/gateway/decide', { k: 'decide', method: 'POST' } as const],
  ['/mcp', { k: 'mcp', method: null, server: null } as const],
])

/** Methods of the paths that take several. */
export const mcpMethods: readonly string[] = ['POST', 'GET', 'DELETE']

/** Paths are compared as they arrived: nothing is joined or normalised, and only the name of a deployment is decoded. */
export function endpointAt(path: string): Endpoint | undefined {
  const known = endpoints.get(path)
  if (known !== undefined) return known
  if (path.startsWith('/azure/')) return deploymentAt(path)
  if (!path.startsWith('/mcp/')) return undefined
  const server = path.slice('/mcp/'.length)
  return isServerName(server) ? { k: 'mcp', method: null, server } : undefined
}

/** A deployment is an alias. Its slash stands encoded, as clients write it, so that a path has one reading. */
function deploymentAt(path: string): Endpoint | undefined {
  const found = /^\/azure\/openai\/deployments\/((?:[\w.:@~-]|%2[Ff]|%3[Aa]|%40)+)\/([a-z/]+)$/.exec(path)
  const [, name, operation = ''] = found ?? []
  const dialect = Object.hasOwn(azureByDeployment, operation) ? azureByDeployment[operation] : undefined
  return name === undefined || dialect === undefined ? undefined : call(dialect, decodeURIComponent(name))
}

/** The API in whose words a path is refused that leads nowhere. */
export function dialectAt(path: string): Dialect {
  if (path.startsWith('/azure/')) return azureChat
  return path.startsWith('/anthropic/') ? anthropicMessages : openaiChat
}
