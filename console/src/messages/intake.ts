import { texts, type KeyOf } from './text.ts'
import columns from './en/columns.json'
import intake from './en/intake.json'
import reasons from './en/reasons.json'

export const { t, tCode, knows } = texts({ ...intake, ...reasons, ...columns })
export type MessageKey = KeyOf<typeof t>
