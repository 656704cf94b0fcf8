import { texts } from './text.ts'
import columns from './en/columns.json'
import importing from './en/import.json'
import reasons from './en/reasons.json'

export const { t, tCode, knows } = texts({ ...importing, ...reasons, ...columns })
