import {
  bucketsPerBlock,
  conceptBucketOf,
  conceptReach,
  firstOfConcepts,
  pairSeed,
  threeSeed,
  tokensOf,
  type Token,
} from './features.ts'
import { bucketOf, combined, hashOf } from './hash.ts'
import { conceptsFor } from './window-sums.ts'
import type { ChannelClass, Scored } from './scorer.ts'
import type { Weights } from './weights.ts'

/** What an n-gram of the winning window has added to the score, or taken from it. */
type Feature = {
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
export function explain(
  weights: Weights,
  text: string,
  { start, end }: Pick<Scored, 'start' | 'end'>,
  channelClass: ChannelClass,
): readonly Feature[] {
  const contributions = contributionsIn(weights, text.slice(start, end), channelClass)
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
export function contributionsIn(
  weights: Weights,
  window: string,
  channelClass: ChannelClass,
): readonly Contribution[] {
  const words = new Map<number, Span>()
  const characters = new Map<number, Span>()
  const tokens = tokensOf(window)
  const concepts = conceptsIn(tokens, firstOfConcepts + conceptsFor(channelClass))
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
  for (const block of [words, characters, concepts]) {
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

/** n-grams with concepts, as `FeatureReader` reads them. */
function conceptsIn(tokens: readonly Token[], from: number): Map<number, Span> {
  const block = new Map<number, Span>()
  const add = (hash: number, first: Token, last: Token) =>
    addFirst(block, from + conceptBucketOf(hash), { start: first.start, end: last.end })
  let two: readonly (readonly [number, Token])[] = []
  for (const [i, token] of tokens.entries()) {
    const { concept } = token
    const [before, beforeThat] = [tokens[i - 1], tokens[i - 2]]
    if (before !== undefined && (concept !== 0 || before.concept !== 0))
      add(combined(mixedHash(before), mixedHash(token)), before, token)
    if (before !== undefined && beforeThat !== undefined) {
      const known = [beforeThat, before, token].filter((one) => one.concept !== 0)
      const pair = combined(mixedHash(beforeThat), mixedHash(before))
      if (known.length > 1) add(combined(pair, mixedHash(token)), beforeThat, token)
    }
    if (concept === 0) continue
    add(concept, token, token)
    const [[lastAt, last] = [], [firstAt, first] = []] = two
    if (last !== undefined && lastAt !== undefined && i - lastAt <= conceptReach)
      add(combined(combined(pairSeed, last.concept), concept), last, token)
    if (first !== undefined && last !== undefined && firstAt !== undefined && i - firstAt <= conceptReach) {
      add(combined(combined(pairSeed, first.concept), concept), first, token)
      add(combined(combined(combined(threeSeed, first.concept), last.concept), concept), first, token)
    }
    two = [[i, token], ...two.slice(0, 1)]
  }
  return block
}

function mixedHash({ hash, concept }: Token): number {
  return concept === 0 ? hash : concept
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
