import { t, type MessageKey } from '../../messages/intake.ts'
import type { UseCaseRecord } from './questions.ts'

export type Act =
  | 'triage'
  | 'ask'
  | 'merge'
  | 'revise'
  | 'withdraw'
  | 'owner'
  | 'tier'
  | 'legal'
  | 'system'
  | 'retire'

type Spec = {
  readonly label: MessageKey
  readonly permission: string
  readonly states: readonly UseCaseRecord['state'][]
  /** For requester and owners alone. */
  readonly isOwn?: true
}

/** The acts on a record in the order of the menu. The server decides; this only keeps from offering what cannot be. */
const specs: { readonly [A in Act]: Spec } = {
  triage: { label: 'act.triage', permission: 'useCase.triage', states: ['submitted'] },
  ask: { label: 'act.ask', permission: 'useCase.triage', states: ['submitted'] },
  merge: { label: 'act.merge', permission: 'useCase.triage', states: ['submitted', 'triaged'] },
  revise: { label: 'act.revise', permission: 'useCase.edit', states: ['triaged'], isOwn: true },
  owner: { label: 'act.owner', permission: 'useCase.edit', states: ['triaged'], isOwn: true },
  tier: { label: 'act.tier', permission: 'tier.override', states: ['triaged'] },
  legal: { label: 'act.legal', permission: 'legal.confirm', states: ['triaged'] },
  system: { label: 'act.system', permission: 'release.create', states: ['triaged'] },
  withdraw: {
    label: 'act.withdraw',
    permission: 'useCase.edit',
    states: ['draft', 'submitted', 'needs_info', 'triaged'],
    isOwn: true,
  },
  retire: { label: 'act.retire', permission: 'stop.order', states: ['triaged'] },
}

export type OfferedAct = { readonly act: Act; readonly label: string; readonly whyNot: string | null }

/** What somebody with these permissions may do, each with why it cannot be done now. */
export function actsFor(record: UseCaseRecord, person: string | undefined): readonly OfferedAct[] {
  const isOwn = person !== undefined && interestedIn(record).includes(person)
  return (Object.keys(specs) as Act[]).flatMap((act) => {
    const { label, permission, states, isOwn: needsOwn } = specs[act]
    if (!record.permitted.includes(permission) || (needsOwn === true && !isOwn)) return []
    const whyNot = states.includes(record.state) ? null : t('act.wrongState')
    return [{ act, label: t(label), whyNot: whyNot ?? barred(act, record, isOwn) }]
  })
}

function barred(act: Act, { legal }: UseCaseRecord, isOwn: boolean): string | null {
  if (act === 'triage' && isOwn) return t('reason.SELF_TRIAGE')
  return act === 'system' && legal?.class === 'prohibited' && !legal.cleared ? t('act.isProhibited') : null
}

/** Requester and owners. */
export function interestedIn(record: UseCaseRecord): readonly string[] {
  const { requester, businessOwner, technicalOwner, backupOwner } = record
  return [requester, businessOwner, technicalOwner, backupOwner].filter((person) => person !== null)
}
