import { expect, test } from 'vitest'
import type { ApprovalAnswer } from '../../app/ports/approval.ts'
import { epochMs } from '../../kernel/index.ts'
import { standingOf } from './answer.ts'

const now = epochMs(1_000)
const [later, sooner] = [epochMs(1_001), epochMs(1_000)]
const id = 'apr_1'

test.each<[string, ApprovalAnswer | null, string | null, string]>([
  ['a record that waits', { k: 'pending', id, until: later }, null, 'pending'],
  ['the record that the call follows', { k: 'pending', id, until: later }, id, 'pending'],
  ['one that waits past its end', { k: 'pending', id, until: sooner }, id, 'approval_expired'],
  ['an approval', { k: 'approved', id, until: later }, id, 'approved'],
  ['an approval at the first look', { k: 'approved', id, until: later }, null, 'approved'],
  ['an approval at its end', { k: 'approved', id, until: sooner }, id, 'approval_expired'],
  ['the approval of another record', { k: 'approved', id: 'apr_2', until: later }, id, 'approval_denied'],
  ['another record that waits', { k: 'pending', id: 'apr_2', until: later }, id, 'approval_denied'],
  ['a denial', { k: 'denied', id }, id, 'approval_denied'],
  ['a record that was taken back', { k: 'cancelled', id }, id, 'approval_denied'],
  ['a record that was used', { k: 'used', id }, id, 'approval_denied'],
  ['a record that has run out', { k: 'expired', id }, id, 'approval_expired'],
  ['no record', null, id, 'approval_denied'],
  ['nobody', { k: 'nobody' }, null, 'approval_denied'],
])('%s', (_name, answer, following, standing) => {
  const found = standingOf(answer, following, now)
  expect(found.k === 'closed' ? found.code : found.k).toBe(standing)
})
