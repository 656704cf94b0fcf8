import { idPrefixes, type IdKind } from '../../../../src/kernel/ids.ts'

/** Kinds of records that have a stream of their own, by the prefix of their ids. */
const streamOf: { readonly [K in IdKind]?: string } = {
  useCase: 'useCase',
  system: 'system',
  deployment: 'deployment',
  route: 'route',
  case: 'case',
  review: 'review',
  waiver: 'waiver',
  override: 'override',
  condition: 'condition',
  user: 'person',
  service: 'service',
  unit: 'unit',
  upstream: 'upstream',
  limit: 'limit',
}
const idForm = /^([a-z]{2,4})_[0-7][0-9a-hjkmnp-tv-z]{25}$/
const streamForm = /^[a-z][A-Za-z0-9_-]*\/[\x21-\x7e]{1,190}$/

/** The stream in which the history of a record stands: from its id, or the stream itself. Null for anything else. */
export function streamFor(text: string): string | null {
  if (streamForm.test(text)) return text
  const prefix = idForm.exec(text)?.[1]
  const kind = (Object.keys(streamOf) as IdKind[]).find((name) => idPrefixes[name] === prefix) // the keys of our own table
  const name = kind === undefined ? undefined : streamOf[kind]
  return name === undefined ? null : `${name}/${text}`
}

/** Where the history of a stream is shown. */
export function historyPath(stream: string): string {
  return `/audit?${new URLSearchParams({ tab: 'history', id: stream }).toString()}`
}
