import { spawn } from 'node:child_process'
import { createServer, request as send, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runMemoryGateway, type MemoryGateway } from '../../support/memory-gateway.ts'
import { conformanceTools, startConformanceServer } from './conformance-server.ts'
import { granted } from './sides.ts'

const suite = join(import.meta.dirname, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
/**
 * What of the suite applies to the gateway as a server. Left out: `tools-call-sampling`, `tools-call-elicitation` and
 * `elicitation-*` (a server may ask a client for nothing), and `server-sse-polling` (no stream is taken up again).
 */
const scenarios = [
  'server-initialize',
  'logging-set-level',
  'ping',
  'completion-complete',
  'tools-list',
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-with-logging',
  'tools-call-error',
  'tools-call-with-progress',
  'json-schema-2020-12',
  'server-sse-multiple-streams',
  'resources-list',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'resources-subscribe',
  'resources-unsubscribe',
  'prompts-list',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
  'dns-rebinding-protection',
]

let upstream: Awaited<ReturnType<typeof startConformanceServer>>
let gateway: MemoryGateway
let door: Server
let home: string
let url: string
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'cs-conformance-'))
  upstream = await startConformanceServer()
  door = keyed(() => ({ address: `${gateway.address}/mcp/suite`, token: gateway.token }))
  await new Promise<void>((resolve) => void door.listen(0, 'localhost', resolve))
  const { origin } = new URL(`http://localhost:${(door.address() as AddressInfo).port}`) // it listens on a port
  url = `${origin}/mcp`
  gateway = await runMemoryGateway({
    servers: { suite: upstream.address },
    mcpOrigins: [origin],
    scope: {
      tools: granted(
        'suite',
        conformanceTools,
        conformanceTools.map(({ name }) => name),
      ),
      capabilities: ['mcp_resources:suite', 'mcp_prompts:suite', 'media:image', 'media:audio', 'media:file'],
    },
  })
})
afterAll(async () => {
  door.closeAllConnections()
  door.close()
  await gateway.close()
  await upstream.close()
  rmSync(home, { recursive: true })
})

/** The suite knows of no keys: whoever comes through here has one. Nothing else is changed. */
function keyed(way: () => { readonly address: string; readonly token: string }): Server {
  return createServer((request, response) => {
    const { address, token } = way()
    const headers = { ...request.headers, authorization: `Bearer ${token}` }
    const on = send(address, { method: request.method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    on.on('error', () => response.destroy())
    request.pipe(on)
  })
}

test.each(scenarios)('%s', async (scenario) => {
  const { code, said } = await run(scenario)
  expect(code, said).toBe(0)
})

function run(scenario: string): Promise<{ readonly code: number | null; readonly said: string }> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [suite, 'server', '--url', url, '--scenario', scenario, '-o', home],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => void (said += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString('utf8')))
    child.on('close', (code) => resolve({ code, said }))
  })
}
