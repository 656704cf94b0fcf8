import type { proposeCharter } from '../../../../../src/contracts/routes/charters.ts'
import type { BodyInputOf } from '../../../../../src/contracts/route.ts'
import { functions } from '../../../../../src/kernel/vocabulary.ts'
import type { Charter, Rule, Rules } from './rule-words.ts'

export type Fn = (typeof functions)[number]
export type SeatDraft = {
  readonly fn: Fn
  readonly isSeated: boolean
  readonly holder: string | null
  readonly alternates: readonly string[]
  readonly chair: boolean
}
/** A charter as somebody drafts it: one line for each function. */
export type Draft = {
  readonly seats: readonly SeatDraft[]
  readonly executives: readonly string[]
  readonly rules: Rules
}

/** Starts from the charter in force, or from the shipped rules with empty seats. */
export function firstDraft(inForce: Charter | null, template: Rules): Draft {
  return {
    seats: functions.map((fn) => {
      const seat = inForce?.seats.find((item) => item.fn === fn)
      return {
        fn,
        isSeated: inForce === null || seat !== undefined,
        holder: seat?.holder ?? null,
        alternates: seat?.alternates ?? [],
        chair: seat?.chair ?? (inForce === null && fn === 'security'),
      }
    }),
    executives: inForce?.businessExecutives ?? [],
    rules: inForce?.rules ?? template,
  }
}

/** The draft as it is proposed. A seat without a holder is left out; the editor says so before. */
export function bodyOf({ seats, executives, rules }: Draft): BodyInputOf<typeof proposeCharter> {
  return {
    seats: seats.flatMap(({ fn, isSeated, holder, alternates, chair }) =>
      isSeated && holder !== null ? [{ fn, holder, alternates: [...alternates], chair }] : [],
    ),
    ...(executives.length === 0 ? {} : { businessExecutives: [...executives] }),
    rules,
  }
}

/** The draft with another rule for one kind of case in one tier. */
export function withRule(draft: Draft, kind: string, tier: string, rule: Rule): Draft {
  return { ...draft, rules: { ...draft.rules, [kind]: { ...draft.rules[kind], [tier]: rule } } }
}
