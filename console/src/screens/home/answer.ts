import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/home.ts'

const permitted: ReadonlySet<string> = new Set(['valid', 'conditional', 'emergency'])

/** How much of what is in service runs under a valid grant, and what the rest is: one sentence with its numbers. */
export function answerOf({
  inService,
  underGrant,
  withoutGrant,
  matrix,
}: Pick<ReplyOf<typeof readOverview>, 'inService' | 'underGrant' | 'withoutGrant' | 'matrix'>): string {
  if (inService === 0) return t('home.nothingRuns')
  const counts = new Map<string, number>()
  for (const { state, count } of matrix)
    if (!permitted.has(state)) counts.set(state, (counts.get(state) ?? 0) + count)
  const rest = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([state, count]) => t('home.restState', { count, state: tCode('state', state) }))
  if (withoutGrant > 0) rest.push(t('home.restWithout', { count: withoutGrant }))
  const shown = rest.length === 0 ? '' : `; ${rest.join(', ')}`
  return t('home.answer', { under: underGrant, total: inService, rest: shown })
}

/** Why a deployment has no leave, or what limits it. The record itself shows each reason with its parameters. */
export function leaveText(reasons: readonly { readonly code: string }[]): string {
  return [...new Set(reasons.map(({ code }) => tCode('leave', code)))].join(' ')
}
