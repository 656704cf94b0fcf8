import { texts } from './text.ts'
import gateway from './en/gateway.json'

export const { t, tCode } = texts(gateway)
