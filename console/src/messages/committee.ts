import { texts } from './text.ts'
import committee from './en/committee.json'
import reasons from './en/reasons.json'
import gaps from './en/gaps.json'

export const { t, tCode, knows } = texts({ ...committee, ...reasons, ...gaps })
