import type { NoticeKind } from '../../kernel/notice-kinds.ts'

/** Who is told: roles at the record, those who watch it, and whom the fact itself names. */
export type Audience =
  /** Requester and owners of the use case. */
  | 'interested'
  | 'watchers'
  /** Who has written in the thread. */
  | 'participants'
  /** Whom the text names for the first time. */
  | 'mentioned'
  /** Candidates of the roster who have not stepped back. */
  | 'roster'
  | 'condition_owner'
  /** Who asked for it. */
  | 'asker'

export type Rule = { readonly kind: NoticeKind; readonly audiences: readonly Audience[] }

/**
 * Whom a fact is told, by its kind. A person hears of one fact once, by the first rule that reaches them, and never of what
 * they did themselves.
 */
export const noticeRules: ReadonlyMap<string, readonly Rule[]> = new Map([
  [
    'comment.added',
    [
      { kind: 'mention', audiences: ['mentioned'] },
      { kind: 'comment', audiences: ['participants', 'watchers'] },
    ],
  ],
  ['comment.edited', [{ kind: 'mention', audiences: ['mentioned'] }]],
  ['intake.information_requested', [{ kind: 'information', audiences: ['interested'] }]],
  ['review.information_requested', [{ kind: 'information', audiences: ['interested'] }]],
  ['case.voting_started', [{ kind: 'ballot_due', audiences: ['roster'] }]],
  ['decision.recorded', [{ kind: 'decision', audiences: ['interested', 'roster', 'watchers'] }]],
  ['decision.revoked', [{ kind: 'stop', audiences: ['interested', 'watchers'] }]],
  ['stop.ordered', [{ kind: 'stop', audiences: ['interested', 'watchers'] }]],
  ['override.activated', [{ kind: 'override', audiences: ['interested', 'watchers'] }]],
  ['override.renewed', [{ kind: 'override', audiences: ['interested', 'watchers'] }]],
  ['gateway.tool.changed', [{ kind: 'breach', audiences: ['interested', 'watchers'] }]],
  // Something passes that the guard would stop: whoever answers for the deployment hears of it, and of its end.
  ['guard.allow_entry.added', [{ kind: 'override', audiences: ['interested', 'watchers'] }]],
  ['guard.allow_entry.expired', [{ kind: 'expiry', audiences: ['interested', 'watchers'] }]],
  ['condition.breached', [{ kind: 'breach', audiences: ['condition_owner', 'interested', 'watchers'] }]],
  ['decision.reminder_due', [{ kind: 'expiry', audiences: ['interested', 'watchers'] }]],
  ['decision.expired', [{ kind: 'expiry', audiences: ['interested', 'watchers'] }]],
  ['waiver.expired', [{ kind: 'expiry', audiences: ['asker', 'interested', 'watchers'] }]],
  ['tier.override_expired', [{ kind: 'expiry', audiences: ['interested', 'watchers'] }]],
] satisfies [string, Rule[]][])

/** As which kinds a fact is announced to the endpoints of programs, each once whoever else hears of it. */
export function announcedKinds(event: string, mentioned: number): readonly NoticeKind[] {
  const rules = noticeRules.get(event) ?? []
  return rules.flatMap(({ kind }) => (kind === 'mention' && mentioned === 0 ? [] : [kind]))
}
