import { expect } from 'vitest'
import { pinOf, type DefinitionForm } from '../../src/guard/tools/pin.ts'
import type { Digest, Json } from '../../src/kernel/index.ts'
import type { Granted } from '../support/gateway-fixture.ts'
import type { Split } from '../support/mock-provider/delivery.ts'
import { startMockProvider, type ReceivedCall } from '../support/mock-provider/mock-provider.ts'
import { scenarios, type Scenario } from '../support/mock-provider/scenarios.ts'
import { runGateway, type GatewaySetup } from '../support/running-gateway.ts'

/** Where a client is pointed: base URLs, a credential, names of models for each vendor. Nothing else differs. */
export type Side = {
  readonly openai: string
  readonly anthropic: string
  /** Endpoint of a resource of Azure. */
  readonly azure: string
  readonly key: string
  readonly model: (name: Scenario) => string
  readonly claude: (name: Scenario) => string
}

const splits: readonly Split[] = ['whole', { seed: 1 }, 'bytes']

export const granted = {
  models: Object.keys(scenarios),
  // With a model that it does not know, the AI SDK asks for structured output by a tool of its own named `json`.
  tools: ['look_up_host', 'look_up_user', 'json'],
  capabilities: ['logprobs'],
  volumePerDay: 100_000,
} as const satisfies Granted

/** The mock provider, and a gateway in front of it whose grant covers all of its models. `azure`: how it is registered. */
export async function startSides({ azure }: Pick<GatewaySetup, 'azure'> = {}) {
  const provider = await startMockProvider()
  const gateway = await runGateway({
    limits: { retries: 0 },
    provider: provider.origin,
    granted,
    ...(azure === undefined ? {} : { azure }),
  })
  const pins = new Map<string, Digest>()
  const directly: Side = {
    openai: `${provider.origin}/v1`,
    anthropic: provider.origin,
    azure: provider.origin,
    key: 'provider-secret',
    model: (name) => name,
    claude: (name) => name,
  }
  const through: Side = {
    openai: `${gateway.address}/openai/v1`,
    anthropic: `${gateway.address}/anthropic`,
    azure: `${gateway.address}/azure`,
    key: gateway.token,
    model: (name) => `mock/${name}`,
    claude: (name) => `mock-anthropic/${name}`,
  }

  /**
   * Runs a script straight against the provider, then through the gateway with the provider's bytes cut in several
   * ways. What the client makes of the answers is the same each time, and so is what the provider was asked.
   * Returns what the script gave.
   */
  async function agree<T>(script: (side: Side) => Promise<T>): Promise<T> {
    provider.split('whole')
    const [expected, asked] = await observed(() => script(directly))
    expect(asked.length).toBeGreaterThan(0)
    await pinWhatWasOffered()
    for (const split of splits) {
      provider.split(split)
      const [found, askedToo] = await observed(() => script(through))
      expect(found, JSON.stringify(split)).toStrictEqual(expected)
      expect(askedToo, JSON.stringify(split)).toStrictEqual(asked)
    }
    provider.split('whole')
    return expected
  }

  /** Grants the tools that the provider was shown, as they were shown. */
  async function pinWhatWasOffered(): Promise<void> {
    const before = JSON.stringify([...pins])
    for (const { path, body } of provider.received.slice(-8))
      for (const [tool, pin] of pinsIn(path, body)) pins.set(tool, pin)
    if (JSON.stringify([...pins]) !== before) await gateway.pin(pins)
  }

  /** What `work` gives, and the requests that reached the provider meanwhile. */
  async function observed<T>(work: () => Promise<T>): Promise<[T, object[]]> {
    const from = provider.received.length
    const found = await work()
    return [found, provider.received.slice(from).map((call) => whatWasAsked(call))]
  }

  return {
    provider,
    gateway,
    directly,
    through,
    agree,
    close: async () => {
      await gateway.close()
      await provider.close()
    },
  }
}

export type Sides = Awaited<ReturnType<typeof startSides>>

/** Path and body, without the two members that the gateway may set by itself: to count tokens, and to keep no state. */
function whatWasAsked({ path, body }: ReceivedCall): object {
  const { stream_options: _usage, store: _state, ...asked } = JSON.parse(body) as Record<string, unknown>
  return { path, asked }
}

/** Everything that an asynchronous sequence gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

const forms: Readonly<Record<string, DefinitionForm>> = {
  '/chat/completions': 'openai-chat',
  '/responses': 'openai-responses',
  '/messages': 'anthropic-messages',
}

/** Name and digest of each tool that a request offers. */
export function pinsIn(path: string, body: string): readonly (readonly [string, Digest])[] {
  const form = Object.entries(forms).find(([end]) => path.endsWith(end))?.[1]
  const { tools = [] } = JSON.parse(body) as { readonly tools?: readonly Json[] }
  if (form === undefined) return []
  return tools.flatMap((tool) => {
    const pinned = pinOf(form, tool)
    return pinned.ok ? [[pinned.definition.name, pinned.digest] as const] : []
  })
}
