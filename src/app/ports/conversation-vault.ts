import type { DeploymentId, KeyId } from '../../kernel/index.ts'

/** Whose conversation, and what it is told apart by among all of that key. The marks may be texts of the conversation. */
export type ConversationName = {
  readonly deployment: DeploymentId
  readonly key: KeyId
  readonly marks: readonly string[]
}

/** A conversation whose key is at hand. */
export type OpenConversation = {
  /** HMAC-SHA-256 under a key that this conversation has alone. */
  readonly code: (text: string) => Uint8Array
  /**
   * Keeps what placeholders stand for, and answers what each of them stands for now: an earlier value where there is
   * one already.
   */
  readonly keep: (values: ReadonlyMap<string, string>) => Promise<ReadonlyMap<string, string>>
  /** Everything that is kept of it. */
  readonly all: () => Promise<ReadonlyMap<string, string>>
}

/**
 * Where what was replaced in conversations is kept, for a day and under a key for each, which ends with it. Rejects when
 * it cannot be reached: then nothing may be sent.
 */
export type ConversationVault = { readonly open: (name: ConversationName) => Promise<OpenConversation> }

/** Longest time for which a conversation is kept, from its first replaced value on. */
export const conversationMs = 86_400_000

/** Most values of one conversation. */
export const mostValues = 4_096
