/** One piece of what a model says, before a vendor's form is given to it. */
export type Part =
  | { readonly k: 'text'; readonly text: string }
  | { readonly k: 'refusal'; readonly text: string }
  /** `signature` is what the vendor signs or encrypts, opaque to everybody else. */
  | { readonly k: 'reasoning'; readonly text: string; readonly signature: string }
  | { readonly k: 'redacted'; readonly data: string }
  | { readonly k: 'call'; readonly name: string; readonly args: object }

/** One answer of a model. It ends for its tool calls when it has any, else for its refusal, else by itself. */
export type Answer = {
  readonly parts: readonly Part[]
  readonly ends?: 'length' | 'filter'
}

/** A way to misbehave. Counts are of the body; an event is one event of a stream. */
export type Fault =
  | { readonly k: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly k: 'hang' }
  | { readonly k: 'reset'; readonly afterBytes: number }
  | { readonly k: 'reset'; readonly afterEvents: number }
  | { readonly k: 'truncated_frame'; readonly afterEvents: number }
  /** Announces `by` bytes more than it sends, or fewer when negative. */
  | { readonly k: 'wrong_length'; readonly by: number }
  | { readonly k: 'drip'; readonly pauseMs: number }
  | { readonly k: 'error_in_200'; readonly afterEvents?: number }
  | { readonly k: 'wrong_type'; readonly type: string }
  /** A body of `bytes` zeros in the coding gzip, which is not what was asked for. */
  | { readonly k: 'gzip_bomb'; readonly bytes: number }

/** What the provider does: the nth answer for a conversation in which the model has spoken n times. */
export type Script = {
  readonly answers: readonly Answer[]
  readonly fault?: Fault
}

/** The answer to a conversation with `spoken` answers so far; the last one for every later turn. */
export function answerAt({ answers }: Script, spoken: number): Answer {
  const answer = answers[Math.min(spoken, answers.length - 1)]
  if (answer === undefined) throw new RangeError('a script needs an answer')
  return answer
}

/** A token for each four characters of what is said: a count that a test can predict. */
export function tokensOf({ parts }: Answer): number {
  const said = parts.map((part) =>
    part.k === 'call' ? JSON.stringify(part.args) : part.k === 'redacted' ? part.data : part.text,
  )
  return Math.ceil(said.join('').length / 4)
}

/**
 * Cuts `text` into pieces of three to nine characters, always in the same places. No piece holds half a character;
 * there is at least one.
 */
export function piecesOf(text: string): string[] {
  const chars = Array.from(text)
  const pieces: string[] = []
  for (let at = 0, size = 3; at < chars.length; at += size, size = 3 + ((size + 1) % 7)) {
    pieces.push(chars.slice(at, at + size).join(''))
  }
  return pieces.length === 0 ? [''] : pieces
}
