import { texts } from './text.ts'
import collaboration from './en/collaboration.json'
import events from './en/events.json'

export const { t, tCode } = texts({ ...collaboration, ...events })
