import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Client } from 'undici'
import { DeliveryFault, type WebhookCall, type WebhookPost } from '../../app/ports/outgoing.ts'
import { mayConnect } from '../../kernel/connectable.ts'

const connectMs = 5_000
const answerMs = 15_000

/**
 * Sends one call over a connection of its own: the name is resolved once, and the addresses that were judged are the ones
 * that are connected to. Redirects are not followed; of the answer only its status is read, and how long it asks to wait.
 */
export const postWebhook: WebhookPost = async ({ url, privateCidrs, headers, body }, signal) => {
  const { origin, pathname, search, hostname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !mayConnect(host, privateCidrs)) throw refusedAddress()
  const client = new Client(origin, {
    pipelining: 1,
    allowH2: false,
    headersTimeout: answerMs,
    bodyTimeout: answerMs,
    connect: { timeout: connectMs, lookup: guardedLookup(privateCidrs) },
  })
  try {
    const request = {
      method: 'POST',
      path: `${pathname}${search}`,
      headers: { ...headers },
      body,
      signal,
    } as const
    const answer = await client.request(request)
    answer.body.on('error', () => undefined) // destroyed below, whatever else it would have said
    const retryAfter = answer.headers['retry-after']
    return { status: answer.statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : null }
  } catch (error) {
    throw faultOf(error, signal)
  } finally {
    await client.destroy()
  }
}

/** Judges the addresses that will really be used, so that a name that changes its answer gains nothing. */
function guardedLookup(privateCidrs: WebhookCall['privateCidrs']): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0)
      const allowed = found.filter(({ address }) => mayConnect(address, privateCidrs))
      const [first] = allowed
      if (first === undefined) return callback(refusedAddress(), '', 0)
      if (options.all === true) return callback(null, allowed)
      return callback(null, first.address, first.family)
    })
  }
}

function refusedAddress(): DeliveryFault {
  return new DeliveryFault('address_refused')
}

const timeouts = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']

function faultOf(error: unknown, signal: AbortSignal): DeliveryFault {
  if (error instanceof DeliveryFault) return error
  if (signal.aborted) return new DeliveryFault('timeout')
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (timeouts.includes(code)) return new DeliveryFault('timeout')
  const isTls = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|EPROTO)/.test(code)
  return new DeliveryFault(isTls ? 'tls' : 'unreachable')
}
