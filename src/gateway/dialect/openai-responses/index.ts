import type { Dialect } from '../dialect.ts'
import { openaiRefusal } from '../openai/refusal.ts'
import { readAnswer, told, withheld } from './answer.ts'
import { readRequest } from './request.ts'
import { responsesStream } from './stream.ts'

export const openaiResponses: Dialect = {
  name: 'openai-responses',
  api: 'openai',
  upstreamPath: '/responses',
  readRequest,
  readAnswer,
  stream: responsesStream,
  withoutUsage: null,
  refusal: openaiRefusal,
  withheld,
  told,
}
