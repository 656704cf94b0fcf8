import {
  refuse,
  unless,
  unreachable,
  type Decided,
  type EpochMs,
  type IdSource,
  type Reason,
  type UnitId,
  type UserId,
} from '../../kernel/index.ts'

/** The organisation as one tree, so that no two moves at the same moment close a circle. Names stand in a table. */
export type State = { readonly parents: Readonly<Record<UnitId, UnitId | null>> }
export const initial: State = { parents: {} }

/** Deeper or larger trees than any organisation's; the walk through `parents` stays short. */
export const maxDepth = 20
export const maxUnits = 2_000

export type Command =
  | { readonly c: 'create'; readonly name: string; readonly parent: UnitId | null }
  | { readonly c: 'rename'; readonly id: UnitId; readonly name: string }
  | { readonly c: 'move'; readonly id: UnitId; readonly parent: UnitId | null }

type About = { readonly unit: UnitId; readonly by: UserId | null; readonly at: EpochMs }
export type Event =
  | (About & {
      readonly e: 'unit.created'
      readonly parent: UnitId | null
      readonly sealed: { readonly name: string }
    })
  | (About & { readonly e: 'unit.renamed'; readonly sealed: { readonly name: string } })
  | (About & { readonly e: 'unit.moved'; readonly parent: UnitId | null })

export type Refusal =
  | Reason<'UNIT_UNKNOWN' | 'UNIT_CYCLE'>
  | Reason<'UNIT_TOO_DEEP' | 'TOO_MANY_UNITS', { max: number }>

export type Context = { readonly now: EpochMs; readonly actor: UserId | null; readonly ids: IdSource }

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { by: ctx.actor, at: ctx.now }
  switch (command.c) {
    case 'create': {
      const { name, parent } = command
      const faults = parentFaults(state, parent, 1)
      if (Object.keys(state.parents).length >= maxUnits)
        faults.push({ code: 'TOO_MANY_UNITS', params: { max: maxUnits } })
      const unit = ctx.ids.next('unit')
      return unless<Event, Refusal>(faults, { e: 'unit.created', unit, ...about, parent, sealed: { name } })
    }
    case 'rename': {
      const { id: unit, name } = command
      if (!isKnown(state, unit)) return refuse({ code: 'UNIT_UNKNOWN', params: {} })
      return unless<Event, Refusal>([], { e: 'unit.renamed', unit, ...about, sealed: { name } })
    }
    case 'move': {
      const { id: unit, parent } = command
      if (!isKnown(state, unit)) return refuse({ code: 'UNIT_UNKNOWN', params: {} })
      const faults = parentFaults(state, parent, heightOf(state, unit))
      if (parent !== null && pathOf(state, parent).includes(unit))
        faults.push({ code: 'UNIT_CYCLE', params: {} })
      return unless<Event, Refusal>(faults, { e: 'unit.moved', unit, ...about, parent })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'unit.created':
      return isKnown(state, event.unit) ? state : placed(state, event)
    case 'unit.moved':
      return isKnown(state, event.unit) ? placed(state, event) : state
    case 'unit.renamed':
      return state
    default:
      return unreachable(event)
  }
}

/** The unit and all above it, nearest first. */
export function pathOf(state: State, unit: UnitId): readonly UnitId[] {
  const path: UnitId[] = []
  let at: UnitId | null = unit
  while (at !== null && path.length <= maxDepth) {
    path.push(at)
    at = state.parents[at] ?? null
  }
  return path
}

function placed(state: State, { unit, parent }: { unit: UnitId; parent: UnitId | null }): State {
  return { parents: { ...state.parents, [unit]: parent } }
}

function isKnown(state: State, unit: UnitId): boolean {
  return Object.hasOwn(state.parents, unit)
}

/** `height` is that of the tree which is put below `parent`. */
function parentFaults(state: State, parent: UnitId | null, height: number): Refusal[] {
  if (parent === null) return []
  if (!isKnown(state, parent)) return [{ code: 'UNIT_UNKNOWN', params: {} }]
  const isTooDeep = pathOf(state, parent).length + height > maxDepth
  return isTooDeep ? [{ code: 'UNIT_TOO_DEEP', params: { max: maxDepth } }] : []
}

/** Levels of the tree that begins with `unit`. */
function heightOf(state: State, unit: UnitId): number {
  const all = Object.keys(state.parents) as UnitId[] // keys of the record are ids
  return Math.max(...all.map((id) => pathOf(state, id).indexOf(unit) + 1))
}
