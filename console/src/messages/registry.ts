import { texts } from './text.ts'
import registry from './en/registry.json'
import stops from './en/stops.json'
import reasons from './en/reasons.json'
import events from './en/events.json'
import gaps from './en/gaps.json'

export const { t, tCode, knows } = texts({ ...registry, ...stops, ...reasons, ...events, ...gaps })
