import { texts } from './text.ts'
import people from './en/people.json'
import reasons from './en/reasons.json'
import events from './en/events.json'

export const { t, tCode } = texts({ ...people, ...reasons, ...events })
