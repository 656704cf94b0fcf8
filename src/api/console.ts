import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Files of the console that stand beside its page and keep their names. */
const named = ['appearance.js', 'mark.svg'] as const

/** Whether `folder` holds a built console. */
export function hasConsole(folder: string): boolean {
  return existsSync(join(folder, 'index.html'))
}

/** Serves the built console: its assets, whose names change with their content, and its page under `/`. */
export async function serveConsole(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
    index: false,
  })
  for (const name of named)
    app.get(`/${name}`, (_, reply) => reply.sendFile(name, folder, { cacheControl: false }))
  app.get('/', (_, reply) => sendPage(reply, folder))
}

/** Whether somebody asks for a screen of the console by its address, not for an operation of the API. */
export function asksForScreen({ method, url, headers }: FastifyRequest): boolean {
  const [path = ''] = url.split('?')
  const isReserved = /^\/(api|assets|\.well-known)(\/|$)/.test(path)
  return method === 'GET' && !isReserved && (headers.accept ?? '').includes('text/html')
}

/** The page of the console: the same for every screen. */
export function sendPage(reply: FastifyReply, folder: string): FastifyReply {
  return reply.sendFile('index.html', folder, { cacheControl: false })
}
