import type { Dialect } from '../dialect.ts'
import { openaiRefusal } from '../openai/refusal.ts'
import { readAnswer, told, withheld } from './answer.ts'
import { readRequest } from './request.ts'
import { chatStream } from './stream.ts'
import { withoutUnaskedUsage } from './unasked-usage.ts'

export const openaiChat: Dialect = {
  name: 'openai-chat',
  api: 'openai',
  upstreamPath: '/chat/completions',
  readRequest,
  readAnswer,
  stream: chatStream,
  withoutUsage: withoutUnaskedUsage,
  refusal: openaiRefusal,
  withheld,
  told,
}
