import { texts } from './text.ts'
import events from './en/events.json'
import ledger from './en/ledger.json'
import reasons from './en/reasons.json'

export const { t, tCode } = texts({ ...ledger, ...reasons, ...events })
