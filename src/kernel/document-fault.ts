import type { Reason } from './decided.ts'

/** One fault of a document that people write, with its place as a JSON pointer (RFC 6901). */
export type DocumentFault = Reason<
  | 'DOCUMENT_INVALID'
  /** Something must be asked and is not. */
  | 'QUESTIONNAIRE_INCOMPLETE',
  { fault: string }
>

/** What a schema found, in the form that Zod gives it. */
type SchemaIssue = { readonly path: readonly PropertyKey[]; readonly message: string }

const maxText = 300

/** A fault at the place that `path` leads to. The text may quote the document, so its length has a bound. */
export function documentFault(
  path: readonly PropertyKey[],
  fault: string,
  code: DocumentFault['code'] = 'DOCUMENT_INVALID',
): DocumentFault {
  return { code, params: { fault: fault.slice(0, maxText) }, path: pointerOf(path) }
}

/** Everything that a schema found, each with its place. */
export function schemaFaults({ issues }: { readonly issues: readonly SchemaIssue[] }): DocumentFault[] {
  return issues.map(({ path, message }) => documentFault(path, message))
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
