import {
  compileSet,
  documentKinds,
  type DocumentKind,
  type Documents,
  type PolicySet,
} from '../../governance/policies/index.ts'
import { AppError, type Digest, type JsonObject } from '../../kernel/index.ts'
import type { Work } from '../command.ts'
import type { Query } from '../ports/query.ts'

/** The lock behind which policies change: commands share it until they commit, publishing takes it alone. */
export const policiesLock = 'policies'

export type PolicyHead = {
  readonly kind: DocumentKind
  readonly key: string
  readonly version: number
  readonly digest: Digest
  readonly proposal: Digest | null
}

/** What decides at this moment, for reads outside of a command. `FAIL_CLOSED` when something has no version. */
export async function policiesInForce(query: Query): Promise<PolicySet> {
  return setOf(query, await headsInForce(query))
}

/**
 * What decides until the end of this transaction. INVARIANT: no version is published meanwhile, so the ledger says the same
 * in the same order. Call it before other locks where that is possible: publishing waits for everybody who holds it.
 */
export function holdPolicies(work: Work): Promise<PolicySet> {
  const query: Query = (sql, params) => work.tx.query(sql, params)
  const found =
    held.get(work.tx) ??
    query<PolicyHead>('select * from hold_policies()').then((heads) => setOf(query, heads))
  held.set(work.tx, found)
  return found
}
const held = new WeakMap<Work['tx'], Promise<PolicySet>>()

export function headsInForce(query: Query): Promise<readonly PolicyHead[]> {
  return query<PolicyHead>('select * from policies_in_force')
}

/** The documents of these versions, as somebody wrote them; null where one of a kind is absent. */
export async function documentsOf(query: Query, heads: readonly PolicyHead[]): Promise<Documents | null> {
  const rows = await query<{ kind: DocumentKind; document: JsonObject; labels: JsonObject | null }>(
    `select p.kind, p.document, p.labels from policies p
       join unnest($1::text[], $2::text[], $3::int[]) as h (kind, key, version) using (kind, key, version)`,
    [heads.map(({ kind }) => kind), heads.map(({ key }) => key), heads.map(({ version }) => version)],
  )
  const found: { [K in DocumentKind]?: JsonObject } = {}
  for (const { kind, document, labels } of rows)
    found[kind] =
      kind === 'questionnaire' ? { ...document, labels: labels ?? keysAsLabels(document) } : document
  return isComplete(found) ? found : null
}

/** Compiled sets by the digests of their documents, which never change. Few are ever in use at once. */
const compiled = new Map<string, PolicySet>()
const mostCompiled = 16

async function setOf(query: Query, heads: readonly PolicyHead[]): Promise<PolicySet> {
  const name = heads.map(({ kind, digest }) => `${kind} ${digest}`).join('\n')
  const known = compiled.get(name)
  if (known !== undefined) return known
  const documents = await documentsOf(query, heads)
  const result = documents === null ? null : compileSet(documents)
  if (result === null || !result.ok)
    throw new AppError('FAIL_CLOSED', 'the policies in force cannot be read; nothing is decided without them')
  const oldest = compiled.size < mostCompiled ? undefined : compiled.keys().next().value
  if (oldest !== undefined) compiled.delete(oldest)
  compiled.set(name, result.set)
  return result.set
}

function isComplete(found: { readonly [K in DocumentKind]?: JsonObject }): found is Documents {
  return documentKinds.every((kind) => found[kind] !== undefined)
}

/** For a questionnaire that was published before labels were kept: its keys are readable enough to be answered. */
function keysAsLabels(document: JsonObject): JsonObject {
  const { questions } = document as unknown as { readonly questions: readonly { readonly key: string }[] } // published
  return Object.fromEntries(questions.map(({ key }) => [key, { label: key }]))
}
