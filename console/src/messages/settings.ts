import { texts } from './text.ts'
import settings from './en/settings.json'
import events from './en/events.json'

export const { t, tCode } = texts({ ...settings, ...events })
