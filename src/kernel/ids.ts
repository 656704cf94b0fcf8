import type { Brand } from './brand.ts'
import type { EpochMs } from './instant.ts'

/** The prefix of each kind of id. An id is `prefix_` and a UUIDv7 (RFC 9562) as 26 characters of Crockford base32. */
export const idPrefixes = {
  user: 'usr',
  unit: 'unt',
  useCase: 'uc',
  system: 'sys',
  deployment: 'dep',
  route: 'rte',
  case: 'case',
  ballot: 'bal',
  decision: 'dcn',
  condition: 'cnd',
  override: 'ovr',
  waiver: 'wvr',
  review: 'rvw',
  grant: 'grt',
  service: 'svc',
  key: 'key',
  stop: 'stp',
  seat: 'seat',
  session: 'ses',
  credential: 'crd',
  roleGrant: 'rol',
  command: 'cmd',
  event: 'evt',
  record: 'rec',
  request: 'req',
  upstream: 'ups',
  refusal: 'rfs',
  hold: 'hld',
  import: 'imp',
  thread: 'thr',
  comment: 'cmt',
  notice: 'ntc',
  announcement: 'ann',
  delivery: 'dlv',
  webhook: 'whk',
  limit: 'lim',
  canary: 'cny',
} as const

export type IdKind = keyof typeof idPrefixes
export type Id<K extends IdKind> = Brand<`${(typeof idPrefixes)[K]}_${string}`, K>

export type UserId = Id<'user'>
export type UnitId = Id<'unit'>
export type UseCaseId = Id<'useCase'>
export type SystemId = Id<'system'>
export type DeploymentId = Id<'deployment'>
export type RouteId = Id<'route'>
export type CaseId = Id<'case'>
export type BallotId = Id<'ballot'>
export type DecisionId = Id<'decision'>
export type ConditionId = Id<'condition'>
export type OverrideId = Id<'override'>
export type WaiverId = Id<'waiver'>
export type ReviewId = Id<'review'>
export type GrantId = Id<'grant'>
export type ServiceId = Id<'service'>
export type KeyId = Id<'key'>
export type StopId = Id<'stop'>
export type SeatId = Id<'seat'>
export type SessionId = Id<'session'>
export type CredentialId = Id<'credential'>
export type RoleGrantId = Id<'roleGrant'>
export type CommandId = Id<'command'>
export type EventId = Id<'event'>
export type RecordId = Id<'record'>
export type CanaryId = Id<'canary'>
export type RequestId = Id<'request'>
export type LimitId = Id<'limit'>
export type UpstreamId = Id<'upstream'>
export type RefusalId = Id<'refusal'>
export type HoldId = Id<'hold'>
export type ImportId = Id<'import'>
export type ThreadId = Id<'thread'>
export type CommentId = Id<'comment'>
export type NoticeId = Id<'notice'>
export type AnnouncementId = Id<'announcement'>
export type DeliveryId = Id<'delivery'>
export type WebhookId = Id<'webhook'>

/** Makes fresh ids. Passed into deciders, so that a decision can be replayed. */
export type IdSource = { readonly next: <K extends IdKind>(kind: K) => Id<K> }

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const bodyForm = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** Whether `text` is an id of `kind`. */
export function isId<K extends IdKind>(kind: K, text: unknown): text is Id<K> {
  if (typeof text !== 'string') return false
  const prefix = `${idPrefixes[kind]}_`
  return text.startsWith(prefix) && bodyForm.test(text.slice(prefix.length))
}

/** Turns text into an id of `kind`; throws a `TypeError` when it has another form. */
export function parseId<K extends IdKind>(kind: K, text: string): Id<K> {
  if (!isId(kind, text)) throw new TypeError(`not an id of kind \`${kind}\``)
  return text
}

/** An id of `kind` from an instant and at least 10 random bytes, laid out as UUIDv7 (RFC 9562 5.7). */
export function idFrom<K extends IdKind>(kind: K, at: EpochMs, random: Uint8Array): Id<K> {
  if (random.length < 10) throw new RangeError('an id needs 10 random bytes')
  const bytes = new Uint8Array(16)
  for (let [i, rest] = [5, Number(at)]; i >= 0; i -= 1) {
    bytes[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  bytes.set(random.subarray(0, 10), 6)
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f) // version 7
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f) // variant 10
  const units: number[] = []
  let [held, bits] = [0, 2] // 26 characters hold 130 bits: two zero bits come first
  for (let i = 0; i < 16; i += 1) {
    held = (held << 8) | (bytes[i] ?? 0)
    for (bits += 8; bits >= 5; bits -= 5) units.push(alphabet.charCodeAt((held >> (bits - 5)) & 31))
    held &= (1 << bits) - 1
  }
  return `${idPrefixes[kind]}_${String.fromCharCode(...units)}` as Id<K> // brand constructor
}
