import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'

const pem = (name: string) => readFileSync(join(import.meta.dirname, `localhost.${name}.pem`), 'utf8')
/** Of the server, for `localhost`; whoever believes in it believes the server. */
export const mailServerCertificate = pem('cert')

export type CapturedMail = {
  readonly from: string
  readonly to: readonly string[]
  /** The message as it came over the wire. */
  readonly raw: string
}

/** An SMTP server on loopback that keeps what it takes. */
export type MailServer = {
  readonly port: number
  readonly mails: readonly CapturedMail[]
  /** Answers the next recipients with this status instead of taking them; null: takes them. */
  readonly refuseWith: (status: number | null) => void
  readonly close: () => Promise<void>
}

export async function startMailServer(login?: {
  readonly user: string
  readonly password: string
}): Promise<MailServer> {
  const mails: CapturedMail[] = []
  let refusal: number | null = null
  const server = new SMTPServer({
    ...(login === undefined ? { disabledCommands: ['AUTH'] } : {}),
    authOptional: login === undefined,
    cert: mailServerCertificate,
    key: pem('key'),
    onAuth: ({ username, password }, _session, done) => {
      if (username === login?.user && password === login?.password) done(null, { user: 'known' })
      else done(new Error('no such login'))
    },
    onRcptTo: (_address, _session, done) => {
      if (refusal === null) done()
      else done(Object.assign(new Error('not now'), { responseCode: refusal }))
    },
    onData: (stream, { envelope }, done) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(parts).toString('utf8'),
        })
        done()
      })
    },
  })
  server.on('error', () => undefined) // a client that does not trust its certificate goes away
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    mails,
    refuseWith: (status) => {
      refusal = status
    },
    close: () => new Promise((done) => server.close(() => done())),
  }
}

/** Header lines of a mail by their names in lower case, unfolded. */
export function headersOf({ raw }: CapturedMail): ReadonlyMap<string, string> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ')
  return new Map(
    head
      .split('\r\n')
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  )
}

/** Everything that a mail says, with soft line breaks and escapes of quoted-printable undone. */
export function wordsOf({ raw }: CapturedMail): string {
  const joined = raw.replaceAll('=\r\n', '')
  return joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
