import { conceptOf } from './concepts.ts'
import { unitsOf } from '../normalise/units.ts'
import { bucketBits, bucketOf, combined, fnvOffset, fnvPrime, hashOf, readAs } from './hash.ts'

/**
 * What the injection scorer sees of a text: hashed n-grams of words, of characters and of concepts (`concepts.ts`). Tokens
 * are runs of letters and digits, and runs of one symbol. Twelve words make a step, and windows are made of whole steps
 * (`windows.ts`), so that each token is read once however many windows hold it. The buckets of a block (`hash.ts`) come
 * after those of the block before it.
 */
export const bucketsPerBlock = 1 << bucketBits
/** Words, characters, concepts. */
export const blocks = 3
export const allBuckets = blocks * bucketsPerBlock
const firstOfCharacters = bucketsPerBlock
/**
 * The block of concepts has two halves: weights of what a user writes, and of everything else. To speak to a model is what
 * users do; in a document it tells much.
 */
export const firstOfConcepts = 2 * bucketsPerBlock
export const conceptBuckets = bucketsPerBlock / 2

/** Words of a step. A symbol counts a quarter of a word, so that text without words has steps too. */
export const wordsPerStep = 12
const [wordUnits, symbolUnits] = [4, 1]
const stepUnits = wordsPerStep * wordUnits

/** Longest token in UTF-16 units; a longer run is several. Scripts without spaces count six characters as a word. */
const longestToken = 24
const longestUnspaced = 6
/**
 * n-grams that begin in the step before are at the head of a step, each in a place of its own: of words one of two and two
 * of three, the same with concepts, and of concepts alone one pair, two pairs with a gap, two threes.
 */
export const crossingPlaces = 11
const [mixedPlace, pairPlace, gapPlace, threePlace] = [3, 6, 7, 9]
/** A concept is put together with one that stands so many tokens before it. A step has as many at least. */
export const conceptReach = 12
/** How often a symbol is repeated matters little: once, twice, more. */
const mostRepeated = 3
/** What decides which n-grams a text has: their sizes by block, the reach of concepts, and what is a token. */
export const featureSettings = {
  words: [1, 2, 3],
  characters: [3, 4, 5],
  concepts: [1, 2, 3],
  conceptReach,
  longestToken,
  longestUnspaced,
  mostRepeated,
} as const
/** What n-grams of concepts alone begin with: words between them are left out. */
export const [pairSeed, threeSeed] = [hashOf('\u0002'), hashOf('\u0003')]
/** In a place of a crossing n-gram: there is none. */
const noBucket = -1

/** A step as it is read: its n-grams are `buckets.subarray(from, to)`, those that cross from the step before first. */
export type Step = {
  readonly from: number
  readonly to: number
  /** Of the first and the last of its tokens in the text. */
  readonly start: number
  readonly end: number
  /** Whether it has all its words: the last of a text may have fewer. */
  readonly isWhole: boolean
}

/** Reads a text that comes in pieces; `onStep` is told of each step as soon as it is whole, and reads no text itself. */
export class FeatureReader {
  /** n-grams of the steps that are still of use. */
  buckets = new Int32Array(2_048)
  #used = crossingPlaces
  #from = 0
  #units = 0
  #start = -1
  #end = 0
  /** Position of what comes next. */
  #at = 0
  /** The token that is being read, with a space before and room for one behind. */
  readonly #token = new Uint16Array(longestToken + 2)
  #length = 0
  #tokenStart = 0
  #kind: TokenKind = gap
  /** Tokens before it: hash of the last, of the last two combined; how many of them the step has (up to 2). */
  #last = 0
  #lastTwo = 0
  #known = 0
  #inStep = 0
  /** The same where a word that stands for a concept reads as the concept; whether the last two do. */
  #mixed = 0
  #mixedTwo = 0
  #isConcept = false
  #wasConcept = false
  /** The last two concepts and which tokens they are; how many of them the step has (up to 2). */
  #concept = 0
  #conceptBefore = 0
  #conceptAt = longAgo
  #conceptBeforeAt = longAgo
  #conceptsInStep = 0
  #tokens = 0
  readonly #onStep: (step: Step) => void

  constructor(onStep: (step: Step) => void) {
    this.#onStep = onStep
    this.#token[0] = space
    this.buckets.fill(noBucket, 0, crossingPlaces)
  }

  /** Takes the next piece of the text. */
  push(text: string): void {
    // Fields are slow in a loop over each unit of all traffic.
    const token = this.#token
    let at = this.#at
    let length = this.#length
    let kind = this.#kind
    const units = unitsOf(text)
    for (let i = 0; i < text.length; i += 1) {
      const unit = units[i] ?? 0
      const next = kindOf(unit)
      const isMore = next === kind && goesOn(kind, length, kind !== symbol || unit === token[1])
      if (length > 0 && !isMore) {
        this.#kind = kind
        this.#length = length
        this.#endToken(at)
        length = 0
      }
      if (next !== gap) {
        if (length === 0) {
          this.#tokenStart = at
          kind = next
        }
        length += 1
        token[length] = readAs(unit)
      }
      at += 1
    }
    this.#at = at
    this.#length = length
    this.#kind = kind
  }

  /** The text is over. */
  end(): void {
    if (this.#length > 0) this.#endToken(this.#at)
    if (this.#start >= 0) this.#endStep()
  }

  /** Makes it as new. */
  reset(): void {
    this.#used = crossingPlaces
    this.#from = this.#units = this.#end = this.#at = this.#length = 0
    this.#start = -1
    this.#kind = gap
    this.#known = this.#inStep = this.#conceptsInStep = this.#tokens = 0
    this.#isConcept = this.#wasConcept = false
    this.#conceptAt = this.#conceptBeforeAt = longAgo
    this.buckets.fill(noBucket, 0, crossingPlaces)
  }

  /** Forgets the n-grams before `from`; those after it move by as many places. */
  forget(from: number): void {
    this.buckets.copyWithin(0, from, this.#used)
    this.#used -= from
    this.#from -= from
  }

  #endToken(end: number): void {
    if (this.#used + mostOfToken > this.buckets.length) this.#grow()
    const length = this.#kind === symbol ? Math.min(this.#length, mostRepeated) : this.#length
    this.#length = 0
    let hash = fnvOffset
    for (let i = 1; i <= length; i += 1) hash = Math.imul(hash ^ (this.#token[i] ?? 0), fnvPrime)
    const concept = this.#kind === word ? conceptOf(hash) : 0
    this.#addConcepts(hash, concept)
    this.#addTokens(hash)
    if (this.#kind !== symbol) this.#addCharacters(length)
    if (this.#start < 0) this.#start = this.#tokenStart
    this.#end = end
    this.#units += this.#kind === symbol ? symbolUnits : wordUnits
    if (this.#units >= stepUnits) this.#endStep()
  }

  /** The 1-, 2- and 3-gram that end with the token. */
  #addTokens(hash: number): void {
    const { buckets } = this
    buckets[this.#used++] = bucketOf(hash)
    if (this.#known > 0) {
      const two = combined(this.#last, hash)
      const bucket = bucketOf(two)
      if (this.#inStep > 0) buckets[this.#used++] = bucket
      else buckets[this.#from] = bucket
      if (this.#known > 1) {
        const three = bucketOf(combined(this.#lastTwo, hash))
        if (this.#inStep > 1) buckets[this.#used++] = three
        else buckets[this.#from + 1 + this.#inStep] = three
      }
      this.#lastTwo = two
    }
    this.#last = hash
    if (this.#known < 2) this.#known += 1
    if (this.#inStep < 2) this.#inStep += 1
  }

  /** n-grams that end with the token and hold a concept; of three tokens two at least stand for one. */
  #addConcepts(hash: number, concept: number): void {
    const { buckets } = this
    const isConcept = concept !== 0
    const mixed = isConcept ? concept : hash
    if (this.#known > 0) {
      const two = combined(this.#mixed, mixed)
      if (isConcept || this.#isConcept) {
        const bucket = firstOfConcepts + conceptBucketOf(two)
        if (this.#inStep > 0) buckets[this.#used++] = bucket
        else buckets[this.#from + mixedPlace] = bucket
      }
      if (this.#known > 1 && Number(isConcept) + Number(this.#isConcept) + Number(this.#wasConcept) > 1) {
        const bucket = firstOfConcepts + conceptBucketOf(combined(this.#mixedTwo, mixed))
        if (this.#inStep > 1) buckets[this.#used++] = bucket
        else buckets[this.#from + mixedPlace + 1 + this.#inStep] = bucket
      }
      this.#mixedTwo = two
    }
    this.#mixed = mixed
    this.#wasConcept = this.#isConcept
    this.#isConcept = isConcept
    this.#tokens += 1
    if (isConcept) this.#addConcept(concept)
  }

  /** The concept alone, and with those shortly before it. */
  #addConcept(concept: number): void {
    const { buckets } = this
    const from = this.#tokens - conceptReach
    buckets[this.#used++] = firstOfConcepts + conceptBucketOf(concept)
    if (this.#conceptAt >= from) {
      const bucket = firstOfConcepts + conceptBucketOf(combined(combined(pairSeed, this.#concept), concept))
      if (this.#conceptsInStep > 0) buckets[this.#used++] = bucket
      else buckets[this.#from + pairPlace] = bucket
    }
    if (this.#conceptBeforeAt >= from) {
      const first = combined(pairSeed, this.#conceptBefore)
      const gapBucket = firstOfConcepts + conceptBucketOf(combined(first, concept))
      const three = combined(combined(combined(threeSeed, this.#conceptBefore), this.#concept), concept)
      const threeBucket = firstOfConcepts + conceptBucketOf(three)
      if (this.#conceptsInStep > 1) {
        buckets[this.#used++] = gapBucket
        buckets[this.#used++] = threeBucket
      } else {
        buckets[this.#from + gapPlace + this.#conceptsInStep] = gapBucket
        buckets[this.#from + threePlace + this.#conceptsInStep] = threeBucket
      }
    }
    this.#conceptBefore = this.#concept
    this.#conceptBeforeAt = this.#conceptAt
    this.#concept = concept
    this.#conceptAt = this.#tokens
    if (this.#conceptsInStep < 2) this.#conceptsInStep += 1
  }

  /** 3-, 4- and 5-grams of the characters of a word with a space at both ends. */
  #addCharacters(length: number): void {
    const { buckets } = this
    const token = this.#token
    const last = length + 1
    token[last] = space
    let used = this.#used
    for (let i = 0; i + 2 <= last; i += 1) {
      let hash = Math.imul(fnvOffset ^ (token[i] ?? 0), fnvPrime)
      hash = Math.imul(hash ^ (token[i + 1] ?? 0), fnvPrime)
      hash = Math.imul(hash ^ (token[i + 2] ?? 0), fnvPrime)
      buckets[used++] = firstOfCharacters + bucketOf(hash)
      if (i + 3 > last) continue
      hash = Math.imul(hash ^ (token[i + 3] ?? 0), fnvPrime)
      buckets[used++] = firstOfCharacters + bucketOf(hash)
      if (i + 4 > last) continue
      hash = Math.imul(hash ^ (token[i + 4] ?? 0), fnvPrime)
      buckets[used++] = firstOfCharacters + bucketOf(hash)
    }
    this.#used = used
  }

  #endStep(): void {
    const isWhole = this.#units >= stepUnits
    this.#onStep({ from: this.#from, to: this.#used, start: this.#start, end: this.#end, isWhole })
    if (this.#used + mostOfToken > this.buckets.length) this.#grow()
    this.#from = this.#used
    this.buckets.fill(noBucket, this.#from, this.#from + crossingPlaces)
    this.#used += crossingPlaces
    this.#units = this.#inStep = this.#conceptsInStep = 0
    this.#start = -1
  }

  #grow(): void {
    const grown = new Int32Array(this.buckets.length * 2)
    grown.set(this.buckets)
    this.buckets = grown
  }
}

/** A token of a text, and the hash of what it reads as. */
export type Token = {
  readonly start: number
  readonly end: number
  readonly isWord: boolean
  readonly hash: number
  /** Hash of the concept that it stands for; 0: none. */
  readonly concept: number
}

/** The tokens of a short text, one by one: what `FeatureReader` reads, for those who ask where an n-gram stands. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const start = at
    const first = text.charCodeAt(at)
    const kind = kindOf(first)
    at += 1
    if (kind === gap) continue
    for (; at < text.length; at += 1) {
      const unit = text.charCodeAt(at)
      if (kindOf(unit) !== kind || !goesOn(kind, at - start, kind !== symbol || unit === first)) break
    }
    const isWord = kind !== symbol
    const hash = hashOf(text.slice(start, isWord ? at : Math.min(at, start + mostRepeated)))
    tokens.push({ start, end: at, isWord, hash, concept: kind === word ? conceptOf(hash) : 0 })
  }
  return tokens
}

const space = 32

/** Whether a token of `length` units takes one more of its kind; a run of symbols holds one symbol only. */
function goesOn(kind: TokenKind, length: number, isAlike: boolean): boolean {
  return isAlike && length < (kind === unspaced ? longestUnspaced : longestToken)
}

/** Bucket of an n-gram with concepts, in its half of the block. */
export function conceptBucketOf(hash: number): number {
  return bucketOf(hash) >>> 1
}

/** Before any token. */
const longAgo = -conceptReach

/** n-grams of one token: three of tokens, six with concepts, three for each place of its characters; and a step's head. */
const mostOfToken = 9 + 3 * (longestToken + 2) + crossingPlaces

/** What a unit is to the scorer. */
type TokenKind = 0 | 1 | 2 | 3
const [gap, word, unspaced, symbol]: readonly [0, 1, 2, 3] = [0, 1, 2, 3]

function kindOf(unit: number): TokenKind {
  if (unit < 128) return ascii[unit] as TokenKind // the table holds nothing else
  if (unit < 0xa1) return gap
  if (unit < 0xc0) return unit === 0xaa || unit === 0xb5 || unit === 0xba ? word : symbol
  if (unit < 0x2000)
    return unit === 0xd7 || unit === 0xf7 ? symbol : unit >= 0xe00 && unit < 0x1000 ? unspaced : word
  if (unit < 0x2c00) return unit <= 0x200a || unit === 0x2028 || unit === 0x2029 ? gap : symbol
  if (unit < 0x2e00) return word
  if (unit < 0x3040) return unit === 0x3000 ? gap : symbol
  if (unit < 0xac00) return unspaced
  if (unit < 0xd800) return word
  return unit < 0xf900 ? symbol : unit < 0xfe10 || (unit > 0xfe6f && unit < 0xfff0) ? word : symbol
}

const ascii = new Uint8Array(128).fill(symbol)
for (let unit = 0; unit < 128; unit += 1) {
  if (unit <= 32 || unit === 127) ascii[unit] = gap
  else if ((unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122))
    ascii[unit] = word
}
