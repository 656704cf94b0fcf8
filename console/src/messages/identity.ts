import { texts } from './text.ts'
import identity from './en/identity.json'
import reasons from './en/reasons.json'

export const { t, tCode } = texts({ ...identity, ...reasons })
