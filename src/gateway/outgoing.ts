import type { Ask, Dialect } from './dialect/dialect.ts'
import type { Target } from './ports.ts'
import { memberAt, withMember } from './wire/member.ts'
import { replaceStrings } from './wire/splice.ts'

/** What of a request is changed on its way, beside the name of its model. */
export type Rewrites = {
  /** What the body says of its model by itself; in some APIs the path says it. */
  readonly named: unknown
  /** Texts that are masked, by JSON pointer. */
  readonly edits: ReadonlyMap<string, string>
  /** Whether the provider may keep what it is sent. */
  readonly mayKeep: boolean
}

/**
 * The body that a target gets: the text of the caller, unit by unit, but for the rewrites that are documented. `text` is
 * known to be JSON with one reading.
 */
export function outgoingBody(
  text: string,
  ask: Ask,
  { model }: Target,
  { named, edits, mayKeep }: Rewrites,
): string {
  const isReplaced = typeof named === 'string' && named !== model
  let sent = replaceStrings(text, isReplaced ? new Map([...edits, ['/model', model]]) : edits)
  if (typeof named !== 'string') sent = withMember(sent, 'model', JSON.stringify(model))
  if (ask.keepsNothing !== null && !mayKeep) sent = withMember(sent, ask.keepsNothing, 'false')
  return ask.addsUsage ? askingForUsage(sent) : sent
}

/** With the option under which a stream says at its end how many tokens it took. SPEC: OpenAI API reference, `stream_options`. */
function askingForUsage(text: string): string {
  const found = memberAt(text, 'stream_options')
  const options = found === null ? '' : text.slice(found.valueFrom, found.to)
  const wanted = options.startsWith('{') ? options : '{}'
  return withMember(text, 'stream_options', withMember(wanted, 'include_usage', 'true'))
}

/** Path of a request at its target. SPEC: Azure OpenAI REST API reference, `api-version` and deployments. */
export function pathAt(target: Target, { name, upstreamPath }: Dialect): string {
  const { api, apiVersion = null, basePath, model } = target
  if (api !== 'azure' || apiVersion === null) return `${basePath}${upstreamPath}`
  const deployment = name === 'openai-responses' ? '' : `/deployments/${encodeURIComponent(model)}`
  return `${basePath}${deployment}${upstreamPath}?api-version=${apiVersion}`
}
