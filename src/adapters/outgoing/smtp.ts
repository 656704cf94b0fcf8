import { createTransport } from 'nodemailer'
import { DeliveryFault, type Mailer } from '../../app/ports/outgoing.ts'
import type { Secret } from '../../kernel/index.ts'

export type SmtpServer = {
  readonly host: string
  readonly port: number
  /** `starttls` and `implicit` refuse a server without TLS. */
  readonly tls: 'starttls' | 'implicit' | 'none'
  readonly login: { readonly user: string; readonly password: Secret<string> } | null
  /** Sender: an address, or `Name <address>`. */
  readonly from: string
  /** What message ids end with. */
  readonly idHost: string
  /** Certificates in PEM that are believed instead of those of Node. */
  readonly ca?: string
}

const connectMs = 10_000
const silentMs = 20_000
const wholeMs = 30_000

/** A mailer that hands mails to one SMTP server. */
export function createMailer(server: SmtpServer): Mailer {
  const { host, port, tls, login, from, idHost, ca } = server
  const transport = createTransport({
    pool: true,
    maxConnections: 3,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silentMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password.reveal() } }),
  })
  return {
    send: async ({ id, to, subject, text, html }) => {
      if (!isAddress(to)) throw new DeliveryFault('address_unusable', { isFinal: true })
      const sent = transport.sendMail({
        from,
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId: `<${id}@${idHost}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      })
      await within(sent, wholeMs).catch((error: unknown) => {
        throw faultOf(error)
      })
    },
    close: () => transport.close(),
  }
}

/** One mailbox and nothing that could begin another header or another recipient. */
function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>()[\]",:;\\\p{Cc}]+@[^\s@<>()[\]",:;\\\p{Cc}]+$/u.test(text)
}

async function within(sent: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeliveryFault('timeout')), ms)
  })
  try {
    await Promise.race([sent, late])
  } finally {
    clearTimeout(timer)
  }
}

/** SPEC: RFC 5321 4.2.1: what is answered with 5yz to a recipient will be answered so again. */
function faultOf(error: unknown): DeliveryFault {
  if (error instanceof DeliveryFault) return error
  const facts = error instanceof Error ? (error as Error & { code?: unknown; responseCode?: unknown }) : {}
  const code = 'code' in facts ? String(facts.code) : ''
  const status = 'responseCode' in facts && typeof facts.responseCode === 'number' ? facts.responseCode : null
  if (code === 'EAUTH') return new DeliveryFault('mail_setup', { status })
  if (code === 'ETLS' || code === 'ESOCKET')
    return new DeliveryFault(code === 'ETLS' ? 'tls' : 'unreachable', { status })
  if (code === 'ETIMEDOUT') return new DeliveryFault('timeout', { status })
  if (status !== null)
    return new DeliveryFault('mail_refused', { status, isFinal: code === 'EENVELOPE' && status >= 500 })
  return new DeliveryFault('unreachable')
}
