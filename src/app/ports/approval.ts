import type { DeploymentId, Digest, EpochMs, KeyId } from '../../kernel/index.ts'

/** One call of a tool that a person must agree to. Two questions are the same when every member is. */
export type ApprovalQuestion = {
  /**
   * HMAC of the gateway over key, conversation, tool and arguments: a call that comes again finds its open record, also
   * under another id of the call.
   */
  readonly attach: Digest
  readonly key: KeyId
  readonly deployment: DeploymentId
  readonly release: Digest
  /** Of the grant. A stop raises it, so that nothing that was asked before a stop is answered after it. */
  readonly epoch: number
  readonly tool: string
  /** What the tool said of itself when the call was decided. */
  readonly definition: Digest
  /** SHA-256 of the arguments in RFC 8785 form: an approval is for these and no others. */
  readonly args: Digest
  /** The arguments in that form, for whoever decides. UNTRUSTED: a model wrote them. */
  readonly shown: string
  /** Stable codes of the decision, worst first. */
  readonly reasons: readonly string[]
}

/** `pending` is no answer yet. What was approved is used once and decided again before it runs. */
export type ApprovalAnswer =
  | { readonly k: 'pending'; readonly id: string; readonly until: EpochMs }
  | { readonly k: 'approved'; readonly id: string; readonly until: EpochMs }
  | { readonly k: 'denied' | 'expired' | 'cancelled' | 'used'; readonly id: string }
  /** There are no people here who could be asked. */
  | { readonly k: 'nobody' }

/** Where people agree to calls. Each function rejects when it cannot be reached, which denies the call. */
export type ApprovalPort = {
  /** Asks, or finds the record of the same question unless it was used. */
  readonly ask: (question: ApprovalQuestion) => Promise<ApprovalAnswer>
  /** What has become of a record; null when there is none of this id for this question. */
  readonly look: (id: string, question: ApprovalQuestion) => Promise<ApprovalAnswer | null>
  /** Uses an approval up; false when it was used, has expired or was for another question. At most one caller hears true. */
  readonly consume: (id: string, question: ApprovalQuestion) => Promise<boolean>
}
