import { bulkImport, useCase, wordsOf } from '../../governance/intake/index.ts'
import { valueOf } from '../../governance/tiering/index.ts'
import type { Json, JsonObject } from '../../kernel/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `import/<id>`. Files, rows and progress are working data; what was planned and committed is in the ledger. */
export const imports: Aggregate<bulkImport.State, bulkImport.Command, bulkImport.Event, bulkImport.Context> =
  {
    name: 'import',
    initial: bulkImport.initial,
    decide: bulkImport.decide,
    evolve: bulkImport.evolve,
    project: async () => undefined,
  }

/** Stream `useCase/<id>`. Texts that lists show and search are projected from the sealed half. */
export const useCases: Aggregate<useCase.State, useCase.Command, useCase.Event, useCase.Context> = {
  name: 'useCase',
  initial: useCase.initial,
  decide: useCase.decide,
  evolve: useCase.evolve,
  project: async ({ tx, id, after, events, now }) => {
    if (after.s === 'absent') return
    await tx.query(
      `insert into use_cases (id, revision, state, unit_id, requester_id, business_owner_id, technical_owner_id,
         backup_owner_id, tier, legal_class, revision_digest, triaged_by, triage_due_at, domain, tool_ids, created_at, updated_at, external_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, ${instant(13)}, $14, $15, ${instant(16)}, ${instant(16)}, $17)
       on conflict (id) do update set revision = excluded.revision, state = excluded.state, unit_id = excluded.unit_id,
         business_owner_id = excluded.business_owner_id, technical_owner_id = excluded.technical_owner_id,
         backup_owner_id = excluded.backup_owner_id, tier = excluded.tier, legal_class = excluded.legal_class,
         revision_digest = excluded.revision_digest, triaged_by = excluded.triaged_by,
         triage_due_at = excluded.triage_due_at, domain = excluded.domain, tool_ids = excluded.tool_ids,
         updated_at = excluded.updated_at`,
      [
        id,
        after.revision,
        after.s,
        after.unit,
        after.requester,
        after.owners.business,
        after.owners.technical,
        after.owners.backup,
        after.assessment === null ? null : useCase.effectiveTier(after, now),
        after.legal === null ? null : useCase.legalOf(after).class,
        after.revisionDigest,
        after.triagedBy,
        after.triageDue,
        textOf(valueOf(after.answers, 'domain')),
        toolIdsIn(valueOf(after.answers, 'actions')),
        now,
        after.externalId ?? null,
      ],
    )
    for (const event of events) {
      const texts = event.sealed?.['texts']
      if (event.e !== 'intake.answers_changed' || !isObject(texts)) continue
      const title = textOf(texts['title'])
      await tx.query(
        `update use_cases set title = coalesce($2, title), title_words = coalesce($5, title_words),
           provider = coalesce($3, provider), model_id = coalesce($4, model_id) where id = $1`,
        [
          id,
          title,
          textOf(texts['provider']),
          textOf(texts['modelId']),
          title === null ? null : wordsOf(title),
        ],
      )
    }
  },
}

/** Tools that the answers name, for likeness. */
function toolIdsIn(actions: Json | undefined): readonly string[] {
  if (!Array.isArray(actions)) return []
  const rows = (actions as readonly Json[]).filter(isObject)
  return [
    ...new Set(rows.flatMap((row) => (typeof row['toolId'] === 'string' ? [row['toolId']] : []))),
  ].sort()
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}
