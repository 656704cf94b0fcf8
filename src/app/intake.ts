import { addBusinessDays } from '../governance/committee/index.ts'
import {
  likenessBp,
  LikenessIndex,
  maxCandidates,
  shownBp,
  useCase,
  type Fingerprint,
} from '../governance/intake/index.ts'
import type { Permission } from '../governance/people/index.ts'
import {
  AppError,
  type Digest,
  type Json,
  type UnitId,
  type UseCaseId,
  type UserId,
} from '../kernel/index.ts'
import { functionsHeld } from './access.ts'
import { useCases } from './aggregates/intake.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from './command.ts'
import { cancelOutdatedCases, reevaluateCases } from './committee/engine.ts'
import { holdPolicies } from './policies/in-force.ts'
import type { Query } from './ports/query.ts'
import { requireReviews } from './reviews.ts'
import { readUseCase, useCaseFor } from './use-case-facts.ts'

/** From this score on, whoever submits must say whether it is the same. */
export const { mustDecideBp } = useCase

type Values = { readonly [key: string]: Json }
export type NewUseCase = {
  readonly answers: Values
  readonly owners: Partial<useCase.Owners>
  readonly unit?: UnitId
  readonly source?: 'import'
  readonly externalId?: string
}

/** Opens a draft. Its unit is the given one, else the requester's own. */
export function startUseCase(
  ports: CommandPorts,
  issuer: Issuer,
  input: NewUseCase,
): Promise<{ readonly id: UseCaseId; readonly revision: number }> {
  return runCommand(ports, issuer, async (work) => {
    const id = work.ids.next('useCase')
    await startIn(work, id, input)
    return { id, revision: (await work.load(useCases, id)).rev }
  })
}

/** The same as part of a command. */
export async function startIn(work: Work, id: UseCaseId, { unit, ...input }: NewUseCase): Promise<void> {
  const home = unit ?? (await unitOf(work, personOf(work.issuer)))
  const command = { c: 'start', ...input, ...(home === null ? {} : { unit: home }) } as const
  const context = await contextOf(work, id, { mentions: named(input.owners) })
  await work.apply(useCases, id, command, context)
}

export type UseCaseCommand = Exclude<useCase.Command, { readonly c: 'start' }>

const permissionFor: { readonly [C in UseCaseCommand['c']]: Permission } = {
  change: 'useCase.edit',
  confirm: 'useCase.edit',
  submit: 'useCase.edit',
  withdraw: 'useCase.edit',
  revise: 'useCase.edit',
  change_owner: 'useCase.edit',
  ask: 'useCase.triage',
  triage: 'useCase.triage',
  merge: 'useCase.triage',
  retire: 'stop.order',
  raise_tier: 'tier.override',
  lower_tier: 'tier.override',
  confirm_legal: 'legal.confirm',
  clear_prohibited: 'legal.confirm',
}

/** Applies any later command to a use case, with what follows from it: reviews on triage, outdated cases cancelled. */
export function commandUseCase(
  ports: CommandPorts,
  issuer: Issuer,
  id: UseCaseId,
  command: UseCaseCommand,
  revision?: number,
): Promise<{ readonly state: useCase.UseCase; readonly revision: number }> {
  return runCommand(ports, issuer, async (work) => {
    await useCaseFor(work, id, permissionFor[command.c])
    work.expect((await work.load(useCases, id)).rev, revision)
    await commandIn(work, id, command)
    const { state, rev } = await work.load(useCases, id)
    if (state.s === 'absent') throw new AppError('NOT_FOUND')
    return { state, revision: rev }
  })
}

/** The same as part of a command. */
export async function commandIn(work: Work, id: UseCaseId, command: UseCaseCommand): Promise<void> {
  const before = await useCaseFor(work, id, permissionFor[command.c])
  const mentions = mentionedIn(command, before.record)
  const context = await contextOf(work, id, { mentions, command })
  await work.apply(useCases, id, command, context)
  if (command.c === 'triage') {
    await requireReviews(work, await holdPolicies(work), id)
    await cancelOutdatedCases(work, id)
  }
  await reevaluateCases(work, id)
}

/** Use cases that look like `id`, most alike first. */
export async function similarTo(
  query: Query,
  id: UseCaseId,
): Promise<readonly { readonly id: UseCaseId; readonly title: string; readonly scoreBp: number }[]> {
  const rows = await query<PrintRow>(
    `with own as (select title_words, provider, model_id from use_cases where id = $1),
     shared as (
       select distinct l.use_case_id from own, likeness_keys(own.title_words, own.provider, own.model_id) as own_key, lateral (
         select use_case_id from use_case_likeness where key = own_key and use_case_id <> $1
         order by use_case_id desc limit ${maxCandidates}) l
       order by 1 desc limit ${maxCandidates})
     select ${printColumns} from use_cases
     where id = any(array(select $1 union all select use_case_id from shared))`,
    [id],
  )
  const own = rows.find((row) => row.id === id)
  if (own === undefined) return []
  const candidates = rows.filter((row) => row !== own)
  const print = fingerprintOf(own)
  return candidates
    .map((row) => ({ id: row.id, title: row.title, scoreBp: likenessBp(print, fingerprintOf(row)) }))
    .filter(({ scoreBp }) => scoreBp >= shownBp)
    .sort((a, b) => b.scoreBp - a.scoreBp || (a.id < b.id ? -1 : 1))
}

/** Every use case that a new one may look like, for many comparisons at once. */
export async function likenessIndex(query: Query): Promise<LikenessIndex> {
  const index = new LikenessIndex()
  for (let after = ''; ; ) {
    const rows = await query<PrintRow>(
      `select ${printColumns} from use_cases
       where state not in ('withdrawn', 'duplicate', 'draft') and id > $1 order by id limit 2000`,
      [after],
    )
    for (const row of rows) index.put(row.id, fingerprintOf(row))
    const last = rows.at(-1)
    if (last === undefined) return index
    after = last.id
  }
}

type PrintRow = {
  readonly id: UseCaseId
  readonly title: string
  readonly provider: string | null
  readonly model: string | null
  readonly domain: string | null
  readonly unit: string | null
  readonly toolIds: readonly string[]
}
const printColumns = `id, title, lower(provider) as provider, lower(model_id) as model, domain, unit_id as unit, tool_ids as "toolIds"`

function fingerprintOf({ title, toolIds, provider, model, domain, unit }: PrintRow): Fingerprint {
  return { title, toolIds, vendor: provider, model, domain, unit }
}

async function contextOf(
  work: Work,
  id: UseCaseId,
  more: { readonly mentions: readonly UserId[]; readonly command?: UseCaseCommand },
): Promise<useCase.Context> {
  const query: Query = (sql, params) => work.tx.query(sql, params)
  const { command } = more
  const active = await activeAmong(query, more.mentions)
  const { forUseCases, calendar } = await holdPolicies(work)
  const { controls } = forUseCases.policy.policy
  return {
    now: work.now,
    actor: work.issuer.actor,
    id,
    catalogue: forUseCases,
    salt: Buffer.from(work.random(32)).toString('hex'),
    functions: functionsHeld(work.issuer.authority, work.now),
    isActive: (person) => active.has(person),
    similar: command?.c === 'submit' ? await similarTo(query, id) : [],
    triageDue: (tier) => addBusinessDays(calendar, work.now, controls[tier].triageBusinessDays),
    hasLiveDeployment: await hasLiveDeployment(query, id),
    mergeTarget:
      command?.c === 'merge' && command.into !== id
        ? (await readUseCase(work, command.into)).record
        : useCase.initial,
  }
}

function mentionedIn(command: UseCaseCommand, state: useCase.UseCase): readonly UserId[] {
  const owners = named(state.owners)
  if (command.c === 'change') return [...owners, ...named(command.owners ?? {})]
  return command.c === 'change_owner' ? [...owners, command.to] : owners
}

function named(owners: Partial<useCase.Owners>): readonly UserId[] {
  return Object.values(owners).filter((person) => person !== null)
}

async function activeAmong(query: Query, people: readonly UserId[]): Promise<ReadonlySet<UserId>> {
  if (people.length === 0) return new Set()
  // Whoever becomes an owner is not erased before this command has ended; the order keeps two commands apart.
  const rows = await query<{ id: UserId }>(
    `select id from people where id = any($1) and state = 'active' order by id for share`,
    [people],
  )
  return new Set(rows.map(({ id }) => id))
}

async function hasLiveDeployment(query: Query, id: UseCaseId): Promise<boolean> {
  const [row] = await query<{ yes: boolean }>(
    `select exists (select 1 from deployments where use_case_id = $1 and op in ('shadow', 'canary', 'live')) as yes`,
    [id],
  )
  return row?.yes ?? true // what cannot be read counts as live
}

async function unitOf(work: Work, person: UserId | null): Promise<UnitId | null> {
  if (person === null) return null
  const [row] = await work.tx.query<{ unit: UnitId | null }>(
    'select unit_id as unit from people where id = $1',
    [person],
  )
  return row?.unit ?? null
}

/** Digest of the revision that decisions rest on; refuses a use case that was never triaged. */
export function revisionInForce(useCaseFacts: { readonly revisionInForce: Digest | null }): Digest {
  const { revisionInForce: digest } = useCaseFacts
  if (digest === null)
    throw new AppError('REFUSED', undefined, { reasons: [{ code: 'USE_CASE_NOT_TRIAGED', params: {} }] })
  return digest
}
