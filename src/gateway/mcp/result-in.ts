import { objectText } from '../wire/members.ts'
import type { Era } from './versions.ts'

/** Answers that the newer revision lets a client keep for a while. SPEC: MCP 2026-07-28, CacheableResult. */
const cacheable: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
])
const newer = ['resultType', 'ttlMs', 'cacheScope'] as const

/** A result in the era of its client, of members as they are written. What one key may see is nobody else's to keep. */
export function resultIn(
  era: Era,
  method: string,
  written: Iterable<readonly [name: string, text: string]>,
): string {
  const members = new Map(written)
  if (era === 'legacy') for (const name of newer) members.delete(name)
  else {
    members.set('resultType', '"complete"')
    if (cacheable.has(method)) {
      if (!members.has('ttlMs')) members.set('ttlMs', '0')
      members.set('cacheScope', '"private"')
    }
  }
  return objectText(members)
}
