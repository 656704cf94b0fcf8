import type { CreateEmbeddingResponse } from 'openai/resources/embeddings'
import type { Dialect } from './dialect.ts'
import { openaiError, openaiHeaders } from './openai-error.ts'

const width = 8

/** SPEC: OpenAI API reference, Embeddings: float arrays, or 32-bit floats in base64, which the SDK asks for. */
export const openaiEmbeddings: Dialect = {
  read: ({ input }) => (typeof input === 'string' || Array.isArray(input) ? { spoken: 0 } : null),
  body: ({ model, inputTokens, tree: { input, encoding_format: format, dimensions } }) =>
    ({
      object: 'list',
      data: (Array.isArray(input) ? input : [input]).map((text, index) => {
        const vector = vectorOf(JSON.stringify(text), typeof dimensions === 'number' ? dimensions : width)
        const embedding = format === 'base64' ? base64Of(vector) : [...vector]
        return { object: 'embedding', index, embedding: embedding as number[] } // in base64 when asked for
      }),
      model,
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    }) satisfies CreateEmbeddingResponse,
  events: null,
  error: openaiError,
  errorEvent: (message) => ({ event: null, data: JSON.stringify(openaiError(500, message)) }),
  headers: openaiHeaders,
}

/** Another vector for another text; each value has an exact 32-bit form. */
function vectorOf(text: string, size: number): Float32Array {
  const vector = new Float32Array(size)
  for (let i = 0; i < text.length; i += 1)
    vector[i % size] = ((vector[i % size] ?? 0) * 31 + text.charCodeAt(i)) % 1_024
  return vector.map((value) => value / 1_024)
}

function base64Of(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
}
