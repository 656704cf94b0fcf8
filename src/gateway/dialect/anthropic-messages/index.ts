import type { Answer, Dialect } from '../dialect.ts'
import { counts, object, readPlaces } from '../place.ts'
import { isCount, isTree } from '../reading.ts'
import { readAnswer, told, withheld } from './answer.ts'
import { anthropicRefusal } from './refusal.ts'
import { readRequest } from './request.ts'
import { messagesStream } from './stream.ts'

export const anthropicMessages: Dialect = {
  name: 'anthropic-messages',
  api: 'anthropic',
  upstreamPath: '/messages',
  readRequest,
  readAnswer,
  stream: messagesStream,
  withoutUsage: null,
  refusal: anthropicRefusal,
  withheld,
  told,
}

const counted = { input_tokens: counts, context_management: counts }

/** How many tokens a message would have: the same request, without a message. */
export const anthropicTokenCount: Dialect = {
  ...anthropicMessages,
  upstreamPath: '/messages/count_tokens',
  readAnswer: (tree): Answer | null => {
    if (!isTree(tree)) return null
    const { input_tokens: input } = tree
    return {
      reading: readPlaces(object(counted), tree, counted),
      calls: [],
      usage: isCount(input) ? { inputTokens: 0, outputTokens: 0 } : null,
    }
  },
  stream: null,
  withheld: null,
  told: null,
}
