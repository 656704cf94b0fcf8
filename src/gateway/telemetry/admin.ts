import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the admin listener tells. */
export type AdminState = {
  readonly isReady: () => boolean
  readonly openExchanges: () => number
  readonly metrics: () => string
}

/** Listens for probes and scrapes, apart from callers: `/healthz`, `/readyz`, `/metrics`. Who may reach it is the network's matter. */
export function startAdmin(
  { host, port }: { readonly host: string; readonly port: number },
  state: AdminState,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    if (request.url === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      response.end(state.metrics())
      return
    }
    const isOk = request.url === '/healthz' || (request.url === '/readyz' && state.isReady())
    response.writeHead(isOk ? 200 : request.url === '/readyz' ? 503 : 404, {
      'content-type': 'application/json',
    })
    response.end(JSON.stringify({ ok: isOk, open: state.openExchanges() }))
  })
  server.requestTimeout = 10_000
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve({
        port: (server.address() as AddressInfo).port, // it listens on a port
        close: async () => {
          server.closeAllConnections()
          await new Promise<void>((done) => server.close(() => done()))
        },
      })
    })
  })
}
