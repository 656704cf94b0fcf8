import type { ReasonCode } from '../../reasons.ts'
import type { Dialect } from '../dialect.ts'
import { openaiChat } from '../openai-chat/index.ts'
import { openaiEmbeddings } from '../openai-embeddings/index.ts'
import { openaiResponses } from '../openai-responses/index.ts'
import { openaiRefusal } from '../openai/refusal.ts'
import { isTree } from '../reading.ts'

/**
 * A refusal as Azure words it: as OpenAI does, and for what was filtered out with the code of its content filter, by
 * which its callers know it. SPEC: Azure OpenAI REST API reference, errors; content filtering.
 */
function azureRefusal(code: ReasonCode): string {
  const body: unknown = JSON.parse(openaiRefusal(code))
  const error = isTree(body) && isTree(body['error']) ? body['error'] : {}
  const inner = { code: 'ResponsibleAIPolicyViolation', content_filter_result: {} }
  if (code !== 'guard_blocked') return JSON.stringify({ error })
  return JSON.stringify({ error: { ...error, param: 'prompt', status: 400, innererror: inner } })
}

const worded = (dialect: Dialect): Dialect => ({ ...dialect, refusal: azureRefusal })

/** The same requests and answers as OpenAI's, under paths and with errors of their own. */
export const azureChat = worded(openaiChat)
export const azureResponses = worded(openaiResponses)
export const azureEmbeddings = worded(openaiEmbeddings)
