import { texts } from './text.ts'
import collaboration from './en/collaboration.json'
import events from './en/events.json'
import outgoing from './en/outgoing.json'

export const { t, tCode } = texts({ ...outgoing, ...collaboration, ...events })
