import { bucketOf, bucketsPerBlock, combined, hashOf, tokensOf, type Token } from './features.ts'
import type { Scored } from './scorer.ts'
import type { Weights } from './weights.ts'

/** What an n-gram of the winning window has added to the score, or taken from it. */
export type Feature = {
  readonly ngram: string
  /** Of the sum of all contributions, each without its sign; below zero where it speaks against an attack. */
  readonly share: number
  /** Where it stands first in the view. */
  readonly start: number
  readonly end: number
}

const mostFor = 8
const mostAgainst = 4

/**
 * Why `text` has the score `scored`: the n-grams of words that speak most for an attack (8) and most against (4), with
 * their exact contributions. Character n-grams count for the word that they stand in. Only n-grams of the text itself are
 * told, so that buckets that n-grams share name no foreign phrase.
 */
export function explain(weights: Weights, text: string, { start, end }: Scored): readonly Feature[] {
  const contributions = contributionsIn(weights, text.slice(start, end))
  let whole = 0
  for (const { value } of contributions) whole += Math.abs(value)
  const inOrder = contributions.toSorted((a, b) => b.value - a.value || a.start - b.start || a.end - b.end)
  const speakingFor = inOrder.filter(({ value }) => value > 0).slice(0, mostFor)
  const speakingAgainst = inOrder
    .filter(({ value }) => value < 0)
    .slice(-mostAgainst)
    .toReversed()
  return [...speakingFor, ...speakingAgainst].map((found) => ({
    ngram: text.slice(start + found.start, start + found.end),
    share: Math.round((1e4 * found.value) / whole) / 1e4,
    start: start + found.start,
    end: start + found.end,
  }))
}

type Contribution = { readonly start: number; readonly end: number; readonly value: number }

/** Contributions of the n-grams of a window, each at its first place. Their sum and the bias are the score. */
export function contributionsIn(weights: Weights, window: string): readonly Contribution[] {
  const words = new Map<number, Span>()
  const characters = new Map<number, Span>()
  const tokens = tokensOf(window)
  for (const [i, token] of tokens.entries()) {
    addFirst(words, bucketOf(token.hash), token)
    const [before, beforeThat] = [tokens[i - 1], tokens[i - 2]]
    if (before === undefined) {
      if (token.isWord) addCharacters(characters, window, token)
      continue
    }
    addFirst(words, bucketOf(combined(before.hash, token.hash)), { start: before.start, end: token.end })
    if (beforeThat !== undefined) {
      const hash = combined(combined(beforeThat.hash, before.hash), token.hash)
      addFirst(words, bucketOf(hash), { start: beforeThat.start, end: token.end })
    }
    if (token.isWord) addCharacters(characters, window, token)
  }
  const found = new Map<string, { start: number; end: number; value: number }>()
  for (const block of [words, characters]) {
    const norm = Math.sqrt(Math.max(block.size, 1))
    for (const [bucket, { start, end }] of block) {
      const value = ((weights.quantised[bucket] ?? 0) * (weights.scales[bucket >>> 8] ?? 0)) / norm
      const key = `${start} ${end}`
      const known = found.get(key)
      if (known === undefined) found.set(key, { start, end, value })
      else known.value += value
    }
  }
  return [...found.values()]
}

type Span = { readonly start: number; readonly end: number }

function addFirst(block: Map<number, Span>, bucket: number, { start, end }: Span): void {
  if (!block.has(bucket)) block.set(bucket, { start, end })
}

function addCharacters(block: Map<number, Span>, window: string, token: Token): void {
  const spaced = ` ${window.slice(token.start, token.end)} `
  for (let i = 0; i < spaced.length; i += 1)
    for (let size = 3; size <= 5 && i + size <= spaced.length; size += 1)
      addFirst(block, bucketsPerBlock + bucketOf(hashOf(spaced.slice(i, i + size))), token)
}
