import { texts } from './text.ts'
import ledger from './en/ledger.json'
import print from './en/print.json'
import reasons from './en/reasons.json'

export const { t, tCode } = texts({ ...print, ...ledger, ...reasons })
