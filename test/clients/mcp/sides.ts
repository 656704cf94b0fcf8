import {
  Client as NewClient,
  StreamableHTTPClientTransport as NewTransport,
} from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { pinOf } from '../../../src/guard/tools/pin.ts'
import type { Digest, Json } from '../../../src/kernel/index.ts'

export async function oldClient(url: string, token = ''): Promise<OldClient> {
  const client = new OldClient({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new OldTransport(new URL(url), { requestInit }))
  return client
}

export async function newClient(url: string, token = ''): Promise<NewClient> {
  const client = new NewClient(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  )
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new NewTransport(new URL(url), { requestInit }))
  return client
}

/** The grant of some tools of a server, pinned as they are described now. */
export function granted(
  server: string,
  tools: readonly { readonly name: string }[],
  names: readonly string[],
): { toolId: string; definitionSha256: Digest; effect: 'read'; autonomyMax: 'A0' }[] {
  return tools
    .filter(({ name }) => names.includes(name))
    .map((tool) => {
      const pin = pinOf('mcp', JSON.parse(JSON.stringify(tool)) as Json)
      if (!pin.ok) throw new Error(pin.fault)
      return {
        toolId: `${server}/${tool.name}`,
        definitionSha256: pin.digest,
        effect: 'read',
        autonomyMax: 'A0',
      }
    })
}
