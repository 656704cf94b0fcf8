import type { PolicyDocuments } from '../../guard/tools/cedar/policy-set.ts'
import type { toolPolicy } from '../../governance/tools/index.ts'

/** What is wrong with a draft, and where. Lines and columns begin with 1, columns in UTF-16 units; null: the whole part. */
export type DraftFault = {
  readonly part: 'text' | 'args'
  readonly line: number | null
  readonly column: number | null
  readonly message: string
}

export type CheckedDraft =
  | {
      readonly ok: true
      readonly policies: PolicyDocuments
      /** The text as Cedar formats it. */
      readonly text: string
      readonly engine: string
    }
  | { readonly ok: false; readonly faults: readonly DraftFault[] }

/** Parses, checks by the types of the model, and compiles. What gateways decide by has passed all three. */
export type ToolPolicyCompiler = { readonly check: (draft: toolPolicy.Draft) => CheckedDraft }
