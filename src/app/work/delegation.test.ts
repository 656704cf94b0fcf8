import { expect, test } from 'vitest'
import { charter } from '../../governance/committee/index.ts'
import { epochMs, idFrom, type IdKind } from '../../kernel/index.ts'
import { delegationOf, type Delegation } from './delegation.ts'
import { workKinds, type WorkKind } from '../../kernel/work-kinds.ts'
import type { WorkItem } from './item.ts'

const now = epochMs(Date.UTC(2026, 10, 23, 9))
const id = <K extends IdKind>(kind: K, n: number) => idFrom(kind, now, new Uint8Array(10).fill(n))
const [holder, alternate] = [id('user', 1), id('user', 2)]
const found = id('review', 1)
const [legal, risk] = [id('seat', 1), id('seat', 2)]
const charters = {
  ...charter.initial,
  versions: [
    {
      effectiveFrom: now,
      charter: {
        seats: [
          { id: legal, fn: 'legal', holder, alternates: [alternate], chair: false },
          { id: risk, fn: 'risk', holder: alternate, alternates: [], chair: false },
        ],
      },
    },
  ],
} as unknown as charter.State // as much of a charter as is looked at
const item = (kind: WorkKind, params: WorkItem['why']['params'] = {}): WorkItem => ({
  kind,
  id: found,
  title: null,
  tier: 2,
  due: null,
  since: null,
  why: { code: 'WHY', params },
})
const none = (why: string) => ({ k: 'none', why }) as Delegation

test.each<[string, WorkItem, typeof holder, Delegation]>([
  ['a signature of the holder', item('charter_signature'), holder, { k: 'seat', seat: legal, fn: 'legal' }],
  ['a signature where nobody is named', item('charter_signature'), alternate, none('NO_ALTERNATE')],
  [
    'a review of the own function',
    item('review_lead', { kind: 'legal' }),
    holder,
    { k: 'review', review: found, fn: 'legal' },
  ],
  ['a review of another one', item('review_lead', { kind: 'privacy' }), holder, none('LEAD_ASSIGNS')],
  ['a ballot: its roster is fixed', item('ballot'), holder, none('ROSTER_FIXED')],
  ['a mention', item('mention'), holder, none('PERSONAL')],
])('it goes to somebody else: %s', (_what, waiting, person, delegation) => {
  expect(delegationOf(waiting, { charters, person, now })).toEqual(delegation)
})

test('every kind can be given away or says why not', () => {
  for (const kind of workKinds)
    expect(['seat', 'review', 'none']).toContain(
      delegationOf(item(kind, { kind: 'legal' }), { charters, person: holder, now }).k,
    )
})
