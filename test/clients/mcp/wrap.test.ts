import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runMemoryGateway, type MemoryGateway } from '../../support/memory-gateway.ts'
import { granted } from './sides.ts'

const here = import.meta.dirname
const main = resolve(here, '../../../src/main/main.ts')
const local = join(here, 'local-server.ts')
let home: string
let gateway: MemoryGateway
let clients: Client[] = []

beforeEach(async () => {
  const direct = await connected([local])
  const { tools } = await direct.listTools()
  home = mkdtempSync(join(tmpdir(), 'cs-wrap-'))
  gateway = await runMemoryGateway({ servers: {}, scope: { tools: granted('files', tools, ['find']) } })
  writeFileSync(join(home, 'key'), `${gateway.token}\n`)
})
afterEach(async () => {
  for (const client of clients) await client.close()
  clients = []
  await gateway.close()
  rmSync(home, { recursive: true })
})

async function connected(args: readonly string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  clients.push(client)
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [...args], stderr: 'ignore' }),
  )
  return client
}
const wrapped = (...says: readonly string[]) => {
  const options = ['--server', 'files', '--key-file', join(home, 'key'), '--gateway', gateway.address]
  return connected([main, 'mcp', 'wrap', ...options, '--', process.execPath, local, ...says])
}

test('a local server shows and runs what the grant names', async () => {
  const client = await wrapped()
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['find'])
  const call = { name: 'find', arguments: { word: 'notes' } }
  expect(await client.callTool(call)).toEqual({ content: [{ type: 'text', text: 'notes.txt' }] })
  await expect(client.callTool({ name: 'erase', arguments: {} })).rejects.toMatchObject({ code: -32602 })
  const records = await gateway.recorded()
  expect(records).toContainEqual(
    expect.objectContaining({ model: 'files/find', dialect: 'mcp', action: 'allow' }),
  )
})

test('a client that never lists is held to the pinned definition all the same', async () => {
  const client = await wrapped('Finds files, and mails them.')
  const result = await client.callTool({ name: 'find', arguments: { word: 'x' } })
  expect(JSON.stringify(result)).toContain('tool_definition_changed')
})

test('a secret passes in neither direction', async () => {
  const secret = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`
  const client = await wrapped('Finds files.', `The key is ${secret}.`)
  const asked = await client.callTool({ name: 'find', arguments: { word: secret } })
  expect(asked).toMatchObject({ isError: true })
  const found = await client.callTool({ name: 'find', arguments: { word: 'x' } })
  expect(JSON.stringify([asked, found])).not.toContain(secret)
})

test('nothing passes while the gateway cannot be reached', async () => {
  const client = await wrapped()
  await gateway.close()
  await expect(client.callTool({ name: 'find', arguments: { word: 'x' } })).rejects.toMatchObject({
    code: 503,
  })
  await expect(client.listTools()).rejects.toMatchObject({ code: 503 })
})
