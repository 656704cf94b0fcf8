import { toRfc3339, type DeliveryId, type EpochMs } from '../../kernel/index.ts'
import type { NoticeKind } from '../../kernel/notice-kinds.ts'
import type { Mail } from '../ports/outgoing.ts'
import { recordPath } from './record-path.ts'

/** What a mail says of a notice. No text that a person has written is among it. */
export type MailedNotice = {
  readonly kind: NoticeKind
  readonly event: string
  readonly about: string
  readonly threadId: string | null
  readonly at: EpochMs
}

export type MailDraft = {
  readonly id: DeliveryId
  readonly to: string
  /** Address of the console. */
  readonly origin: string
  readonly isDigest: boolean
  /** At least one. */
  readonly notices: readonly MailedNotice[]
}

/** What happened, in words, by the kind of the fact. */
export const eventWords: Readonly<Record<string, string>> = {
  'comment.added': 'somebody wrote a comment',
  'comment.edited': 'somebody changed a comment',
  'intake.information_requested': 'information is asked about a use case',
  'review.information_requested': 'information is asked in a review',
  'case.voting_started': 'your ballot is due',
  'decision.recorded': 'a decision was recorded',
  'decision.revoked': 'a decision was revoked',
  'stop.ordered': 'a stop was ordered',
  'override.activated': 'an emergency override is active',
  'override.renewed': 'an emergency override was renewed',
  'condition.breached': 'a condition was breached',
  'decision.reminder_due': 'an approval expires soon',
  'decision.expired': 'an approval has expired',
  'waiver.expired': 'a waiver has expired',
  'gateway.tool.changed': 'a tool is no longer what was approved',
  'guard.allow_entry.added': 'the guard lets a text pass at a deployment',
  'guard.allow_entry.expired': 'the guard no longer lets a text pass at a deployment',
  'tier.override_expired': 'an override of a tier has expired',
}

/** More of them stand in the console alone. */
const maxListed = 100

/** One mail of one notice, or of a day's. SPEC: governance, no sealed text: kind, id and link. */
export function mailOf({ id, to, origin, isDigest, notices }: MailDraft): Mail {
  const listed = notices.slice(0, maxListed)
  const [first] = listed
  if (first === undefined) throw new Error('a mail tells of something')
  const choose = `${origin}/notifications`
  const footer = 'You choose what goes to you by e-mail under Notifications:'
  const subject =
    isDigest && notices.length > 1
      ? `Countersign: ${notices.length} notifications`
      : `Countersign: ${wordsOf(first)} (${idOf(first)})`
  const items = listed.map((notice) => ({
    words: sentence(wordsOf(notice)),
    id: idOf(notice),
    at: `${toRfc3339(notice.at).slice(0, 16).replace('T', ' ')} UTC`,
    link: `${origin}${recordPath(notice)}`,
  }))
  const more = notices.length - listed.length
  const rest = more === 0 ? [] : [`${more} more stand under Notifications.`]
  const text = [
    ...items.map(({ words, id: record, at, link }) => `${words}\n${record}, ${at}\n${link}`),
    ...rest,
    `-- \n${footer}\n${choose}`,
  ].join('\n\n')
  const html = [
    '<!doctype html><html lang="en"><body>',
    ...items.map(
      ({ words, id: record, at, link }) =>
        `<p><strong>${escaped(words)}</strong><br>${escaped(record)}, ${at}<br>${anchor(link)}</p>`,
    ),
    ...rest.map((line) => `<p>${escaped(line)}</p>`),
    `<hr><p>${escaped(footer)}<br>${anchor(choose)}</p>`,
    '</body></html>',
  ].join('\n')
  return { id, to, subject, text, html }
}

function wordsOf({ kind, event }: MailedNotice): string {
  return kind === 'mention' ? 'somebody mentioned you' : (eventWords[event] ?? 'something concerns you')
}

/** What the ledger names, without the kind of its stream: `stop/installation` has no id. */
function idOf({ about }: MailedNotice): string {
  return about.slice(about.indexOf('/') + 1)
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

function anchor(link: string): string {
  return `<a href="${escaped(link)}">${escaped(link)}</a>`
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
