import { texts } from './text.ts'
import demo from './en/demo.json'
import reasons from './en/reasons.json'

export const { t, tCode } = texts({ ...demo, ...reasons })
