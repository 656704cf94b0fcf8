import { expect, test } from 'vitest'
import { targetOf } from './id-target.ts'

const tail = '01m8h5pkb2f3r83kqshnqjya66'
test.each([
  [`uc_${tail}`, `/intake/uc_${tail}`],
  [`sys_${tail}`, `/systems/sys_${tail}`],
  [`case_${tail}`, `/cases/case_${tail}`],
  [`evt_${tail}`, `/ledger/entries/evt_${tail}`],
  [`sha256:${'a'.repeat(64)}`, `/releases/sha256:${'a'.repeat(64)}`],
  [`bal_${tail}`, null],
  [`uc_${tail}/..`, null],
  ['title', null],
  ['', null],
])('%s leads to %s', (text, target) => {
  expect(targetOf(text)).toBe(target)
})
