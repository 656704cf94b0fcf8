import { texts } from './text.ts'
import safety from './en/safety.json'
import stops from './en/stops.json'
import gaps from './en/gaps.json'

export const { t, tCode } = texts({ ...safety, ...stops, ...gaps })
