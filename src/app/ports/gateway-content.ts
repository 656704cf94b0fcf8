import type { DeploymentId, EpochMs, RecordId } from '../../kernel/index.ts'

/** The text of one side of a call as it was sent: after redaction, and cut at its bound. */
export type ContentText = { readonly text: string; readonly omittedBytes: number }

/** What is kept of one call. */
export type CallContent = {
  readonly record: RecordId
  readonly deployment: DeploymentId
  readonly at: EpochMs
  readonly days: number
  /** To the model or the server. */
  readonly input: ContentText
  /** To the caller; null when nothing of it may be kept. */
  readonly output: ContentText | null
}

/** Keeps content, sealed. It rejects when it cannot; keeping the same again changes nothing. */
export type ContentStore = { readonly put: (calls: readonly CallContent[]) => Promise<void> }

export type KeptContent = { readonly input: ContentText | null; readonly output: ContentText | null }

/** Opens what was kept of a call; null when nothing is there, or what is there cannot be opened any more. */
export type ContentOpener = { readonly open: (record: RecordId) => Promise<KeptContent | null> }
