import type { Digest, EpochMs, Json, JsonObject, UseCaseId } from '../../kernel/index.ts'
import { visibilityOf, visibleSql } from '../access.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'

/**
 * Texts of conditions by their digest, from the ballots and reports in which people wrote them. A text that is masked for
 * the reader, or erased, is absent.
 */
export async function conditionTexts(
  query: Query,
  reader: Reader,
  useCases: readonly UseCaseId[],
  now: EpochMs,
): Promise<ReadonlyMap<Digest, string>> {
  if (useCases.length === 0) return new Map()
  const rows = await query<{ facts: JsonObject; sealed: JsonObject }>(
    `with open as (select u.id from use_cases u where u.id = any($2) and ${visibleSql('u', 1)}),
       written as (
         select 'case/' || c.id as stream from cases c join open on open.id = c.use_case_id
         union all select 'review/' || r.id from reviews r join open on open.id = r.use_case_id)
     select p.facts::jsonb as facts, p.personal::jsonb as sealed
     from written w join ledger.entry e on e.stream = w.stream join ledger.payload p on p.event_id = e.id
     where e.kind in ('ballot.cast', 'review.signed_off') and p.personal is not null`,
    [JSON.stringify(visibilityOf(reader, 'text.read', now)), [...new Set(useCases)]],
  )
  return new Map(rows.flatMap(({ facts, sealed }) => pairs(facts, sealed['conditions'] ?? null)))
}

/** Conditions stand in the facts of a ballot or report in the order of their texts in its sealed half. */
function pairs(facts: JsonObject, texts: Json): [Digest, string][] {
  const source = (facts['ballot'] ?? facts) as { readonly conditions?: readonly { textDigest: Digest }[] } // written by the deciders
  return (source.conditions ?? []).flatMap(({ textDigest }, i): [Digest, string][] => {
    const text = textOf(texts, i)
    return text === null ? [] : [[textDigest, text]]
  })
}

/** A ballot seals plain texts by position, a report seals each text with its salt. */
function textOf(texts: Json, i: number): string | null {
  if (typeof texts !== 'object' || texts === null) return null
  const item = (texts as { readonly [position: string]: Json })[String(i)]
  if (typeof item === 'string') return item
  const text = typeof item === 'object' && item !== null ? (item as JsonObject)['text'] : null
  return typeof text === 'string' ? text : null
}
