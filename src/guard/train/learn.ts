import { Draw } from '../generate/draw.ts'
import { scoredWindows } from '../injection/score-run.ts'
import type { Weights } from '../injection/weights.ts'
import { WindowReader, type Window } from '../injection/windows.ts'
import { isQuoting } from './borderline.ts'
import { disguised } from './disguise.ts'
import type { Example } from './example.ts'
import { splice } from './splice.ts'
import { Units } from './units.ts'

/** What decides how units are cut; all of it stands in the header of the weights. */
export const hyper = {
  cost: 2,
  passes: 10,
  draftPasses: 5,
  /** Windows of a harmless text, besides its head, that are learned from; more are found by looking for errors. */
  benignWindows: 2,
  benignWindowWeight: 0.5,
  attackWindows: 2,
  attackWindowWeight: 0.2,
  splices: 2,
  spliceWeight: 0.6,
  disguisedWeight: 0.3,
  mostSpliced: 420,
  mostFamilyWeight: 3,
  familySize: 1_500,
  /** Texts that quote attacks: their words are those of attacks, and the context that tells them apart is often outside. */
  quotingWeight: 0.1,
  /** Windows of harmless texts with a larger score are learned from in the second round. */
  minedFrom: -1.5,
  mostMined: 3,
  minedWeight: 1,
  surestWindows: 2,
  surestWeight: 0.4,
} as const

/** What a family weighs: the large ones less for each text, so that none of them decides alone. */
function familyWeights(examples: readonly Example[]): readonly number[] {
  const sizes = new Map<string, number>()
  for (const { family } of examples) sizes.set(family, (sizes.get(family) ?? 0) + 1)
  return examples.map(({ family, style }) => {
    const weight = Math.min(hyper.mostFamilyWeight, Math.sqrt(hyper.familySize / (sizes.get(family) ?? 1)))
    return isQuoting(style) ? weight * hyper.quotingWeight : weight
  })
}

/** Units of the first round: heads, some windows, and attacks in texts of others. */
export function firstUnits(examples: readonly Example[], seed: number): Units {
  const units = new Units()
  const weights = familyWeights(examples)
  const carriers = examples.flatMap(({ isAttack, channelClass, text }, i) =>
    !isAttack && channelClass === 'untrusted' && text.length > 200 ? [i] : [],
  )
  for (const [example, { id, text, isAttack, use, channelClass }] of examples.entries()) {
    if (use === 'measured' || use === 'somewhere') continue
    const draw = new Draw(`units ${seed} ${id}`)
    const weight = weights[example] ?? 1
    const facts = { isAttack, channelClass, weight, example, carrier: -1 }
    if (use === 'whole') addWindowsOf(units, text, facts, draw)
    const hidden = use === 'whole' ? disguised(text, isAttack, draw) : null
    if (hidden !== null)
      addWindowsOf(units, hidden, { ...facts, weight: weight * hyper.disguisedWeight }, draw)
    if (!isAttack || text.length > hyper.mostSpliced || carriers.length === 0) continue
    for (let i = 0; i < hyper.splices; i += 1) {
      const carrier = draw.oneOf(carriers)
      const spliced = {
        ...facts,
        channelClass: 'untrusted' as const,
        weight: weight * hyper.spliceWeight,
        carrier,
      }
      addSpliced(units, text, examples[carrier]?.text ?? '', spliced, draw)
    }
  }
  return units
}

type Facts = Parameters<Units['add']>[1]

/** The widest window of a text, and some of the others. */
function addWindowsOf(units: Units, text: string, facts: Facts, draw: Draw): void {
  const sizes: number[] = []
  readWindows(text, ({ from, to }) => sizes.push(to - from))
  let widest = 0
  for (const [i, size] of sizes.entries()) if (size > (sizes[widest] ?? 0)) widest = i
  const wanted = facts.isAttack ? hyper.attackWindows : hyper.benignWindows
  const share = facts.isAttack ? hyper.attackWindowWeight : hyper.benignWindowWeight
  const others = new Set<number>()
  for (let i = 0; i < wanted && sizes.length > 1; i += 1) others.add(draw.below(sizes.length))
  let index = 0
  readWindows(text, (window) => {
    if (index === widest) units.add(window, facts)
    else if (others.has(index)) units.add(window, { ...facts, weight: facts.weight * share })
    index += 1
  })
}

/**
 * The smallest window that holds most of the attack, and beside it the same stretch of the other text without the attack:
 * what is learned is the difference, not the other text.
 */
function addSpliced(units: Units, attack: string, carrier: string, facts: Facts, draw: Draw): void {
  const { text, start, end, without } = splice(attack, carrier, draw)
  const overlaps: { readonly shared: number; readonly size: number }[] = []
  readWindows(text, (window) => {
    const shared = Math.min(end, window.end) - Math.max(start, window.start)
    overlaps.push({ shared, size: window.end - window.start })
  })
  const most = Math.max(...overlaps.map(({ shared }) => shared))
  let best = -1
  for (const [i, { shared, size }] of overlaps.entries())
    if (shared >= 0.95 * most && (best < 0 || size < (overlaps[best]?.size ?? 0))) best = i
  let index = 0
  readWindows(text, (window) => {
    if (index === best) units.add(window, facts)
    index += 1
  })
  const place = overlaps.length < 2 ? 0 : Math.max(0, best - 1)
  index = 0
  readWindows(without, (window) => {
    if (index === place) units.add(window, { ...facts, isAttack: false })
    index += 1
  })
}

/**
 * Units of the second round: of harmless texts the windows that the first round takes for attacks, of attacks the windows
 * that it is surest of, because nobody says in which part of a long text the attack is.
 */
export function addMinedUnits(
  units: Units,
  examples: readonly Example[],
  chosen: readonly number[],
  weights: Weights,
): void {
  const ofFamily = familyWeights(examples)
  for (const example of chosen) {
    const { text, isAttack, use, style, channelClass } = examples[example] ?? missing()
    if (use === 'measured' || use === 'spliced' || isQuoting(style)) continue
    const scores = scoredWindows(weights, text, channelClass).map(({ z }) => z)
    if (isAttack && use === 'whole' && scores.length < 3) continue
    const most = isAttack ? hyper.surestWindows : hyper.mostMined
    const inOrder = scores.toSorted((a, b) => b - a)
    const least = Math.max(
      inOrder[most - 1] ?? Number.NEGATIVE_INFINITY,
      isAttack ? Number.NEGATIVE_INFINITY : hyper.minedFrom,
    )
    if ((inOrder[0] ?? Number.NEGATIVE_INFINITY) < least) continue
    const share = isAttack ? hyper.surestWeight : hyper.minedWeight
    let index = 0
    readWindows(text, (window) => {
      if ((scores[index] ?? 0) >= least)
        units.add(window, {
          isAttack,
          channelClass,
          weight: (ofFamily[example] ?? 1) * share,
          example,
          carrier: -1,
        })
      index += 1
    })
  }
}

/** Tells all windows of a whole text. */
function readWindows(text: string, onWindow: (window: Window) => void): void {
  const reader = new WindowReader(onWindow)
  reader.push(text)
  reader.end()
}

function missing(): never {
  throw new Error('no such example')
}
