import { texts } from './text.ts'
import gateway from './en/gateway.json'
import guard from './en/guard.json'
import reasons from './en/reasons.json'

export const { t, tCode } = texts({ ...gateway, ...guard, ...reasons })
