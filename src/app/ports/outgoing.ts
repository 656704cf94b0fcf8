import type { DeliveryId, Secret, WebhookId } from '../../kernel/index.ts'

/** Why an attempt failed. What the other side said in words is not kept. */
export const deliveryFaults = [
  'timeout',
  'unreachable',
  'tls',
  'address_refused',
  'redirect',
  'status',
  'gone',
  'mail_refused',
  'mail_setup',
  'address_unusable',
  'secret_lost',
  'disabled',
  'internal',
] as const
export type DeliveryFaultCode = (typeof deliveryFaults)[number]

/** An attempt that failed. */
export class DeliveryFault extends Error {
  override readonly name = 'DeliveryFault'
  readonly code: DeliveryFaultCode
  /** Of the answer, HTTP or SMTP; null when there was none. */
  readonly status: number | null
  /** Whether no further attempt can help. */
  readonly isFinal: boolean
  /** How long the other side asks to be left alone; null when it does not. */
  readonly pauseMs: number | null
  constructor(
    code: DeliveryFaultCode,
    {
      status = null,
      isFinal = false,
      pauseMs = null,
    }: {
      readonly status?: number | null
      readonly isFinal?: boolean
      readonly pauseMs?: number | null
    } = {},
  ) {
    super(code)
    this.code = code
    this.status = status
    this.isFinal = isFinal
    this.pauseMs = pauseMs
  }
}

/** One e-mail. `id` is the same at every attempt. */
export type Mail = {
  readonly id: DeliveryId
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Hands a mail to the mail server. Rises as a `DeliveryFault` unless the server has taken it. */
export type Mailer = {
  readonly send: (mail: Mail) => Promise<void>
  readonly close: () => void
}

export type WebhookCall = {
  readonly url: string
  readonly privateCidrs: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What is read of an answer: its status, and its `Retry-After` as it stands there. */
export type WebhookAnswer = { readonly status: number; readonly retryAfter: string | null }

/** Sends one call and gives the answer. Rises as a `DeliveryFault` when there is none. */
export type WebhookPost = (call: WebhookCall, signal: AbortSignal) => Promise<WebhookAnswer>

export type SignedMessage = {
  readonly id: DeliveryId
  /** Whole seconds. */
  readonly timestamp: number
  readonly body: string
}

/** Makes, seals and uses the secrets of endpoints. SPEC: Standard Webhooks 1.0. */
export type WebhookVault = {
  /** A fresh secret, `whsec_…`. */
  readonly create: () => Secret<string>
  readonly seal: (id: WebhookId, secret: Secret<string>) => Uint8Array
  /** Null when it was sealed under another key or for another endpoint. */
  readonly open: (id: WebhookId, sealed: Uint8Array) => Secret<string> | null
  /** The value of `webhook-signature`: one signature for each secret. */
  readonly sign: (secrets: readonly Secret<string>[], message: SignedMessage) => string
}
