import type { Answer, Ask, Dialect, Refused } from '../dialect.ts'
import { openaiRefusal } from '../openai/refusal.ts'
import {
  either,
  id,
  json,
  list,
  name,
  number,
  counts,
  object,
  opaque,
  readPlaces,
  text,
  word,
  type Place,
} from '../place.ts'
import { isCount, isTree } from '../reading.ts'

/** Embeddings of texts. SPEC: OpenAI API reference, create embeddings. */
export const openaiEmbeddings: Dialect = {
  name: 'openai-embeddings',
  api: 'openai',
  upstreamPath: '/embeddings',
  readRequest,
  readAnswer,
  stream: null,
  withoutUsage: null,
  refusal: openaiRefusal,
  withheld: null,
  told: null,
}

const asked: Readonly<Record<string, Place>> = {
  model: name,
  input: either(text('document'), list(text('document'))),
  encoding_format: word('float', 'base64'),
  dimensions: number,
  user: json('user', 'sealed'),
}
const answered: Readonly<Record<string, Place>> = {
  object: word('list'),
  model: name,
  usage: counts,
  id,
  data: list(object({ object: word('embedding'), index: number, embedding: either(opaque, list(number)) })),
}

/** Texts as counts of a tokeniser are refused: nobody can read them. */
function readRequest(tree: unknown): Ask | Refused {
  if (!isTree(tree) || typeof tree['model'] !== 'string') return { refused: 'malformed' }
  const { input } = tree
  const texts = Array.isArray(input) ? input : [input]
  if (!texts.every((of) => typeof of === 'string')) return { refused: 'opaque_input' }
  return {
    model: tree['model'],
    stream: false,
    maxOutput: null,
    reading: readPlaces(object(asked), tree, asked),
    offers: [],
    forcesTool: false,
    capabilities: [],
    keepsNothing: null,
    addsUsage: false,
    thread: null,
  }
}

function readAnswer(tree: unknown): Answer | null {
  if (!isTree(tree)) return null
  const input = isTree(tree['usage']) ? tree['usage']['prompt_tokens'] : null
  return {
    reading: readPlaces(object(answered), tree, answered),
    calls: [],
    usage: isCount(input) ? { inputTokens: input, outputTokens: 0 } : null,
  }
}
