import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Started } from './target-floor.ts'

/** The peer as a pass-through: no guard, no cache, no retry; upstream and provider named by headers of each call. */
export async function startPortkey(upstream: string): Promise<Started> {
  const port = await freePort()
  process.env['NODE_ENV'] = 'production' // as it is deployed
  process.argv = [...process.argv.slice(0, 2), '--headless', `--port=${port}`]
  await import(join(import.meta.dirname, 'node_modules/@portkey-ai/gateway/build/start-server.js'))
  const origin = `http://127.0.0.1:${port}`
  while (!(await answers(origin))) await sleep(50)
  const headers = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream}/v1` }
  return { origin, key: 'none', headers }
}

async function answers(origin: string): Promise<boolean> {
  try {
    return (await fetch(origin)).ok
  } catch {
    return false // it is not up yet
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number } // a TCP server has a port
      server.close(() => resolve(port))
    })
  })
}
