import type { IncomingHttpHeaders } from 'node:http'
import { isTree } from '../dialect/reading.ts'
import type { Message } from './message.ts'
import { headerText, type Mirrored } from './mirrored.ts'
import { isLegacyVersion, metaNames, modernVersion, type Era } from './versions.ts'

export type HeadFault = 'header_mismatch' | 'meta_missing' | 'version_unsupported'

/** In which era a message is spoken, or why its head and body do not fit each other. */
export type Spoken =
  | { readonly era: Era }
  | {
      readonly fault: HeadFault
      /** The version that was asked for. */
      readonly asked: string | null
    }

/** Methods whose subject stands in a header, and the parameter that it repeats. */
export const subjects: Readonly<Record<string, 'name' | 'uri'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
}

/**
 * Tells the era of a message and checks that what its head repeats is what its body says: nobody on the way may be told
 * something else than the gateway decides by. SPEC: MCP 2026-07-28, streamable HTTP, server validation.
 */
export function spokenEra(message: Message, headers: IncomingHttpHeaders): Spoken {
  const header = textOf(headers['mcp-protocol-version'])
  const params = 'params' in message ? message.params : {}
  const meta = isTree(params['_meta']) ? params['_meta'] : {}
  const stated = meta[metaNames.version]
  if (message.k !== 'request') {
    const isKnown = header === null || header === modernVersion || isLegacyVersion(header)
    if (!isKnown) return { fault: 'version_unsupported', asked: header }
    return { era: header === modernVersion ? 'modern' : 'legacy' }
  }
  if (stated === undefined) {
    if (header === modernVersion) return { fault: 'meta_missing', asked: header }
    if (header !== null && !isLegacyVersion(header)) return { fault: 'version_unsupported', asked: header }
    return { era: 'legacy' } // SPEC: MCP 2025-11-25, transports: what names no version is of 2025-03-26
  }
  const asked = typeof stated === 'string' ? stated : null
  if (header !== stated) return { fault: 'header_mismatch', asked }
  if (stated !== modernVersion) return { fault: 'version_unsupported', asked }
  if (headers['mcp-method'] !== message.method) return { fault: 'header_mismatch', asked }
  const subject = subjects[message.method]
  if (subject !== undefined) {
    const named = textOf(headers['mcp-name'])
    if (named === null || headerText(named) !== params[subject]) return { fault: 'header_mismatch', asked }
  }
  if (!isTree(meta[metaNames.capabilities])) return { fault: 'meta_missing', asked }
  return { era: 'modern' }
}

/** Whether the headers repeat exactly the arguments that the tool wants repeated. */
export function mirrorsArguments(headers: IncomingHttpHeaders, mirrored: Mirrored): boolean {
  for (const [name, value] of mirrored) {
    const written = textOf(headers[name])
    const said = written === null ? null : headerText(written)
    const isSame = said === value || (said !== null && isNumber(said) && isNumber(value) && +said === +value)
    if (!isSame) return false
  }
  return true
}

/** SPEC: integers are compared as numbers. */
function isNumber(text: string): boolean {
  return /^-?\d{1,16}(\.0{1,8})?$/.test(text)
}

function textOf(value: string | readonly string[] | undefined): string | null {
  return typeof value === 'string' ? value : null
}
