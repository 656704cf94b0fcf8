import type { Guard } from '../guard/inspect.ts'
import type { BoundPolicy } from '../guard/policy/apply.ts'
import { treatmentUnder } from '../guard/policy/treatment-under.ts'
import { dataClasses, type DataClass, type Digest, type EpochMs } from '../kernel/index.ts'
import type { Caller } from './admit.ts'
import type { Segment } from './dialect/reading.ts'
import { watchOver } from './inspection/canaries.ts'
import type { SecondReader } from './inspection/second-reader.ts'
import { Inspection, type Judged } from './inspection/inspection.ts'
import type { Terms } from './inspection/effect.ts'
import type { PolicyInPlace } from './inspection/policing.ts'
import type { Reversal } from './inspection/reversal.ts'
import { worthHashing, type VerdictCache } from './inspection/verdict-cache.ts'
import type { Target } from './ports.ts'
import type { ReasonCode } from './reasons.ts'

/** What a target may be sent, and the inspection that goes on with its answer. */
export type Cleared = {
  readonly inspection: Inspection
  /** What gives back to the caller what was replaced; null where nothing is. */
  readonly reversal: Reversal | null
  readonly edits: ReadonlyMap<string, string>
}
export type NotCleared = { readonly refused: ReasonCode }

type LeftOut = { readonly target: Target; readonly code: ReasonCode }
type First = { readonly leftOut: readonly LeftOut[] } & ({ readonly targets: readonly Target[] } | NotCleared)
type JudgedBy = Omit<Cleared, 'edits'> & { readonly ceiling: DataClass }

/** What texts are read with. */
export type Means = {
  readonly guard: Guard
  readonly verdicts: VerdictCache
  readonly canaryDigestOf: (token: string) => Digest
  /** Names windows of texts, as the control plane does. */
  readonly windowKey: Uint8Array
  readonly now: () => EpochMs
  /** Looks at what is doubtful in the texts of one request; left out: nobody does. */
  readonly secondReader?: () => SecondReader
}

export type ClearanceParts = {
  readonly means: Means
  readonly caller: Caller
  readonly segments: readonly Segment[]
  /** Whether `segments` are all of the conversation. */
  readonly isWhole: boolean
  /** Whether the caller may be given back what is replaced, and what does so. */
  readonly isReversible: boolean
  readonly reversal: () => Reversal
  /** Told of each inspection before it reads. */
  readonly began: (inspection: Inspection, reversal: Reversal | null) => void
  /** What else objects, once an inspection has read everything. */
  readonly objection: (inspection: Inspection) => ReasonCode | null
}

/**
 * Judges what a request may become for each of its targets: what lies above the ceiling of a target is masked, and where
 * it cannot be, the target is left out. Targets of one ceiling are judged once.
 * INVARIANT: what is stopped under the grant's own ceiling is stopped for all targets; a target can only be stricter.
 */
export class Clearance {
  readonly #parts: ClearanceParts
  readonly #known = new Map<DataClass, Cleared | NotCleared>()

  constructor(parts: ClearanceParts) {
    this.#parts = parts
  }

  /** The targets from the first one on that may have the request; refused when none may. At once where nothing is waited for. */
  first(targets: readonly Target[], leftOut: readonly LeftOut[] = []): First | Promise<First> {
    const [target, ...others] = targets
    if (target === undefined) return { refused: 'data_class_exceeded', leftOut }
    const goOn = (cleared: Cleared | NotCleared): First | Promise<First> => {
      if (!('refused' in cleared)) return { targets, leftOut }
      const code = cleared.refused
      return code === 'data_class_exceeded'
        ? this.first(others, [...leftOut, { target, code }])
        : { refused: code, leftOut }
    }
    const found = this.of(target)
    return found instanceof Promise ? found.then(goOn) : goOn(found)
  }

  /** What one target may be sent: at once when its ceiling was judged before. */
  of({ ceiling }: Target): Cleared | NotCleared | Promise<Cleared | NotCleared> {
    const { dataClassMax } = this.#parts.caller.grant.scope
    const lower = ceiling === undefined || isAbove(ceiling, dataClassMax) ? dataClassMax : ceiling
    return this.#known.get(lower) ?? this.#judge(lower)
  }

  #judge(ceiling: DataClass): Cleared | NotCleared | Promise<Cleared | NotCleared> {
    const { means, caller, segments, isWhole, isReversible, began } = this.#parts
    const terms = termsOf(means, caller, isReversible)
    const inspection = new Inspection(means.guard, terms, { ...terms, ceiling })
    if (hasHistory(segments)) inspection.recall(means.verdicts, caller)
    const reversal = inspection.isReversible ? this.#parts.reversal() : null
    began(inspection, reversal)
    inspection.raiseTaint(segments, isWhole)
    inspection.languages.sees(segments)
    const judge = () =>
      reversal !== null ? reversal.judge(inspection, segments) : inspection.judgeByLength('input', segments)
    const reader = means.secondReader?.()
    const judged = reader === undefined ? judge() : inspection.consult(reader, segments).then(judge)
    const by = { ceiling, inspection, reversal }
    return judged instanceof Promise ? judged.then((late) => this.#take(late, by)) : this.#take(judged, by)
  }

  /** Keeps what follows from how the texts were judged. */
  #take(judged: Judged | null, by: JudgedBy): Cleared | NotCleared | Promise<Cleared | NotCleared> {
    // What is replaced and cannot be kept could not be given back: then nothing is sent.
    if (judged === null) return { refused: 'vault_unavailable' }
    const { ceiling, inspection, reversal } = by
    const keep = (cleared: Cleared | NotCleared) => {
      this.#known.set(ceiling, cleared)
      return cleared
    }
    if (judged.isBlocked) return this.#codeOfBlock(by).then((refused) => keep({ refused }))
    const code = this.#parts.objection(inspection)
    return keep(code === null ? { inspection, reversal, edits: judged.edits } : { refused: code })
  }

  /** Whether a text was stopped by the ceiling of a target alone, or for every target. */
  async #codeOfBlock({ ceiling, ...stricter }: JudgedBy): Promise<ReasonCode> {
    const { caller, began } = this.#parts
    const { dataClassMax } = caller.grant.scope
    if (ceiling === dataClassMax) return 'guard_blocked'
    const own = this.#known.get(dataClassMax) ?? (await this.#judge(dataClassMax))
    if ('refused' in own) return own.refused
    began(stricter.inspection, stricter.reversal) // for the record of the call, should no target be left
    return 'data_class_exceeded'
  }
}

/** Whether there are several texts: of a single one nothing was sent before, and hashing it would only cost. */
function hasHistory(segments: readonly Segment[]): boolean {
  return segments.filter(({ text }) => text.length >= worthHashing).length > 1
}

/** What may pass in a call whose target may have whatever the grant allows. */
export function termsOf(means: Omit<Means, 'verdicts'>, caller: Caller, isReversible: boolean): Terms {
  const { guard, canaryDigestOf } = means
  const { claims, scope } = caller.grant
  const canaries = watchOver(caller, canaryDigestOf)
  const { tier } = claims
  const shipped = guard.treatments[tier]
  const policy = policyOver(means, caller)
  const under = (bound: BoundPolicy | null) =>
    bound === null ? shipped : treatmentUnder(shipped, bound.redaction, tier)
  const treatment = under(policy.inForce)
  const shadowTreatment = policy.shadow === null ? treatment : under(policy.shadow)
  return { ceiling: scope.dataClassMax, treatment, shadowTreatment, isReversible, canaries, policy }
}

/** The guard policy of a caller, with what names the windows of its texts. */
export function policyOver(
  { windowKey, now }: Pick<Means, 'windowKey' | 'now'>,
  { snapshot, key, grant }: Caller,
): PolicyInPlace {
  const { deployment } = key
  const { inForce, shadow } = snapshot.guard.of(deployment, grant.scope.guardPolicy)
  return { deployment, inForce, shadow, windowKey, now: now() }
}

function isAbove(a: DataClass, b: DataClass): boolean {
  return dataClasses.indexOf(a) > dataClasses.indexOf(b)
}
