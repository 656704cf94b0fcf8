import { texts } from './text.ts'
import gateway from './en/gateway.json'

export const { t, tCode, knows } = texts(gateway)

const group = 'gatewayCode.'
/** The reasons of the gateway for which there are words, in order of these. */
export const codes: readonly string[] = Object.entries(gateway)
  .flatMap(([key, words]) => (key.startsWith(group) ? [[key.slice(group.length), words] as const] : []))
  .toSorted(([, a], [, b]) => a.localeCompare(b))
  .map(([code]) => code)
