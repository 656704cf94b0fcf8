import { useEffect, useRef, useState } from 'react'
import { changeAnswers } from '../../../../src/contracts/routes/intake.ts'
import { queries } from '../../api/client.ts'
import { useCommand, type CommandState } from '../../api/command.ts'
import { keepDraft, keptDraft, type KeptDraft } from './kept-draft.ts'
import {
  gapIn,
  ownerRoles,
  type OwnerRole,
  type Owners,
  type Question,
  type UseCaseRecord,
  type Values,
} from './questions.ts'

/** One member of the record that somebody else has changed under an edit of ours. */
export type Clash = {
  readonly key: string
  readonly before: unknown
  readonly theirs: unknown
  readonly ours: unknown
}

export type Draft = {
  readonly values: Values
  readonly owners: Owners
  readonly setValue: (key: string, value: unknown) => void
  readonly setOwner: (role: OwnerRole, person: string | null) => void
  /** What is typed and not recorded. */
  readonly unsaved: readonly string[]
  readonly state: CommandState<unknown>
  /** Records what is whole; the revision afterwards, or null when it was not recorded. */
  readonly saveNow: () => Promise<number | null>
  /** What others have changed since; empty unless the record is newer than what is edited here. */
  readonly clashes: readonly Clash[]
  readonly isStale: boolean
  readonly applyAgain: () => void
  readonly takeTheirs: () => void
  /** How many answers were found in this browser when the form was opened. */
  readonly restored: number
  readonly revision: number
}

type Base = {
  readonly revision: number
  readonly values: Values
  readonly owners: Owners
  /** The edits are older than this base: they were found in the browser. */
  readonly isGuess: boolean
}
type Edits = { readonly values: Values; readonly owners: Partial<Owners> }
type Kept = { readonly base: Base; readonly edits: Edits }

const pauseMs = 800
const none: Edits = { values: {}, owners: {} }

/**
 * The answers as they are typed: recorded a moment after the last key, against the revision on which they were typed,
 * and kept in this browser until they are. Only whole answers are recorded; what is half typed waits.
 */
export function useDraft(record: UseCaseRecord, questions: readonly Question[], person: string): Draft {
  const [shown, setShown] = useState<Kept>(() => opened(record, keptDraft(person, record.id)))
  const [restored] = useState(() => countOf(shown.edits))
  const [isBusy, setBusy] = useState(false)
  const kept = useRef(shown)
  const tried = useRef<Edits | null>(null)
  const running = useRef<Promise<unknown>>(Promise.resolve())
  const command = useCommand(changeAnswers)
  const isStale = command.state.k === 'stale'
  const update = (change: Partial<Kept>) => {
    kept.current = { ...kept.current, ...change }
    keepDraft(person, record.id, { revision: kept.current.base.revision, ...kept.current.edits })
    setShown(kept.current)
  }

  const save = async (): Promise<number | null> => {
    const { base, edits } = kept.current
    const answers = whole(edits.values, questions)
    const { owners } = edits
    tried.current = edits
    if (Object.keys(answers).length === 0 && Object.keys(owners).length === 0) return base.revision
    const body = { answers, ...(Object.keys(owners).length === 0 ? {} : { owners: owners as object }) } // ids, checked by the server
    setBusy(true)
    const done = await command.send({ params: { id: record.id }, body, ifMatch: base.revision })
    setBusy(false)
    if (done === null) return null
    const now = kept.current.edits
    update({
      base: {
        revision: done.revision,
        values: { ...base.values, ...answers },
        owners: { ...base.owners, ...owners },
        isGuess: false,
      },
      edits: { values: without(now.values, answers), owners: without(now.owners, owners) },
    })
    return done.revision
  }
  /** One at a time: each is sent on the revision that the one before has made. */
  const saveNow = (): Promise<number | null> => {
    const next = running.current.then(save)
    running.current = next.catch(() => undefined) // its own caller hears of it
    return next
  }

  const settle = (mine: Edits) => {
    tried.current = null
    command.reset()
    update({ base: baseOf(record), edits: { ...mine } })
  }
  const { base, edits } = shown
  const latest = useRef({ saveNow, update, settle })
  latest.current = { saveNow, update, settle }
  useEffect(() => {
    const isNewer = record.revision > base.revision && countOf(edits) === 0 && !isBusy
    if (isNewer) latest.current.update({ base: baseOf(record) })
  }, [record, base.revision, edits, isBusy])
  useEffect(() => {
    if (countOf(edits) === 0 || isBusy || isStale || edits === tried.current) return undefined
    const timer = setTimeout(() => void latest.current.saveNow(), pauseMs)
    return () => clearTimeout(timer)
  }, [edits, isBusy, isStale])
  useEffect(() => {
    if (isStale) void queries.invalidateQueries() // to see what the others have changed
  }, [isStale])

  const clashes = isStale ? clashesOf(base, record, edits) : []
  const isFresh = isStale && record.revision > base.revision
  // What was sent had arrived, and only its answer was lost; or what has changed is no field of the form.
  const settled =
    isFresh && isWithin(edits, record) ? 'drop' : isFresh && clashes.length === 0 ? 'keep' : null
  useEffect(() => {
    if (settled !== null) latest.current.settle(settled === 'drop' ? none : kept.current.edits)
  }, [settled])

  return {
    values: { ...base.values, ...edits.values },
    owners: { ...base.owners, ...edits.owners },
    setValue: (key, value) => {
      const now = kept.current
      update({
        edits: { ...now.edits, values: changed(now.edits.values, now.base.values, key, value) },
      })
    },
    setOwner: (role, to) => {
      const now = kept.current.edits
      update({ edits: { ...now, owners: { ...now.owners, [role]: to } } })
    },
    unsaved: [...Object.keys(edits.values), ...Object.keys(edits.owners)],
    state: command.state,
    saveNow,
    clashes,
    isStale: isStale && settled === null,
    applyAgain: () => settle(kept.current.edits),
    takeTheirs: () => settle(none),
    restored,
    revision: base.revision,
  }
}

function opened(record: UseCaseRecord, found: KeptDraft | null): Kept {
  const base = baseOf(record)
  if (found === null) return { base, edits: none }
  const { revision, values, owners } = found
  const isGuess = revision !== record.revision
  return { base: { ...base, revision, isGuess }, edits: { values, owners } }
}

/** The answers that are complete, so that the server can take them. */
export function whole(values: Values, questions: readonly Question[]): Values {
  const known = new Map(questions.map((question) => [question.key, question]))
  return Object.fromEntries(
    Object.entries(values).filter(([key, value]) => {
      const question = known.get(key)
      return question !== undefined && gapIn(question, value) === null
    }),
  )
}

function baseOf(record: UseCaseRecord): Base {
  const values = Object.fromEntries(Object.entries(record.answers).map(([key, { value }]) => [key, value]))
  return { revision: record.revision, values, owners: ownersOf(record), isGuess: false }
}

export function ownersOf(record: UseCaseRecord): Owners {
  const { businessOwner: business, technicalOwner: technical, backupOwner: backup } = record
  return { business, technical, backup }
}

/** Whether everything that was typed is recorded already. */
function isWithin({ values, owners }: Edits, record: UseCaseRecord): boolean {
  const now = baseOf(record)
  return (
    Object.entries(values).every(([key, value]) => same(value, now.values[key])) &&
    ownerRoles.every((role) => owners[role] === undefined || owners[role] === now.owners[role])
  )
}

/** Everything that differs between the base of the edits and the record as it is now. */
function clashesOf(base: Base, record: UseCaseRecord, edits: Edits): readonly Clash[] {
  const now = baseOf(record)
  const clash = (key: string, before: unknown, theirs: unknown, ours: unknown): readonly Clash[] => {
    const differs = base.isGuess ? ours !== undefined && !same(ours, theirs) : !same(before, theirs)
    return differs ? [{ key, before: base.isGuess ? undefined : before, theirs, ours }] : []
  }
  const keys = [...new Set([...Object.keys(now.values), ...Object.keys(edits.values)])]
  return [
    ...keys.flatMap((key) => clash(key, base.values[key], now.values[key], edits.values[key])),
    ...ownerRoles.flatMap((role) => clash(role, base.owners[role], now.owners[role], edits.owners[role])),
  ]
}

/** The edits with one more, or without it where it is what is recorded already. */
function changed(edits: Values, recorded: Values, key: string, value: unknown): Values {
  const { [key]: _, ...others } = edits
  return same(recorded[key], value) ? others : { ...others, [key]: value }
}

/** What was typed on while it was being sent stays. */
function without<T extends object>(now: T, sent: object): T {
  const recorded = new Map<string, unknown>(Object.entries(sent))
  const kept = Object.entries(now).filter(
    ([key, value]) => !recorded.has(key) || !same(recorded.get(key), value),
  )
  return Object.fromEntries(kept) as T // some members of the same object
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function countOf({ values, owners }: Edits): number {
  return Object.keys(values).length + Object.keys(owners).length
}
