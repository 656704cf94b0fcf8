import type {
  Fingerprint,
  Known,
  LikenessIndex,
  PlanContext,
  Unit,
  useCase,
} from '../../governance/intake/index.ts'
import type { Permission } from '../../governance/people/index.ts'
import type { EpochMs, Json, UnitId, UseCaseId, UserId } from '../../kernel/index.ts'
import { may } from '../access.ts'
import { personOf, type Issuer } from '../command.ts'
import type { Query } from '../ports/query.ts'

/** What a plan needs to know of people and units: read once for a whole file. */
export type Surroundings = Pick<
  PlanContext,
  'now' | 'actor' | 'catalogue' | 'person' | 'emailOf' | 'isActive' | 'unit' | 'unitName'
> & { readonly reads: (permission: Permission, belonging: Belonging) => boolean }

type Belonging = {
  readonly id: UseCaseId
  readonly unit: UnitId | null
  readonly people: readonly (UserId | null)[]
}
type PersonRow = { readonly id: UserId; readonly email: string | null; readonly state: string }
type UnitRow = { readonly id: UnitId; readonly name: string; readonly parent: UnitId | null }

export async function surroundingsOf(
  query: Query,
  catalogue: useCase.Catalogue,
  issuer: Issuer,
  now: EpochMs,
): Promise<Surroundings> {
  const people = await query<PersonRow>(`select id, email, state from people`)
  const units = await query<UnitRow>(`select id, name, parent_id as parent from units`)
  const byEmail = new Map(
    people.flatMap(({ id, email }) => (email === null ? [] : [[email.toLowerCase(), id]])),
  )
  const emails = new Map(people.map(({ id, email }) => [id, email ?? '']))
  const active = new Set(people.filter(({ state }) => state === 'active').map(({ id }) => id))
  const parents = new Map(units.map(({ id, parent }) => [id, parent]))
  const own = await ownUnit(query, personOf(issuer))
  const { authority } = issuer
  const placeOf = (unit: UnitId | null, id: UseCaseId | null) => ({
    unitPath: pathOf(unit, parents),
    useCaseId: id,
  })
  const allowed = (unit: UnitId | null): Unit | null =>
    may(authority, 'intake.import', placeOf(unit, null), now) ? unit : 'not_allowed'
  return {
    now,
    actor: issuer.actor,
    catalogue,
    person: (email) => byEmail.get(email.toLowerCase()) ?? null,
    emailOf: (person) => emails.get(person) ?? '',
    isActive: (person) => active.has(person),
    unit: (name) => {
      if (name === null) return allowed(own)
      const found = units.filter((unit) => unit.id === name || unit.name === name)
      const [unit] = found
      if (unit === undefined) return 'unknown'
      return found.length > 1 ? 'ambiguous' : allowed(unit.id)
    },
    unitName: (unit) => units.find(({ id }) => id === unit)?.name ?? unit,
    reads: (permission, { id, unit, people: interested }) => {
      const person = personOf(issuer)
      const isOwn = person !== null && interested.includes(person)
      return isOwn || may(authority, permission, placeOf(unit, id), now)
    },
  }
}

async function ownUnit(query: Query, person: UserId | null): Promise<UnitId | null> {
  const [row] = await query<{ unit: UnitId | null }>('select unit_id as unit from people where id = $1', [
    person,
  ])
  return row?.unit ?? null
}

function pathOf(unit: UnitId | null, parents: ReadonlyMap<UnitId, UnitId | null>): readonly UnitId[] {
  const path: UnitId[] = []
  for (let at = unit; at !== null && path.length < 50; at = parents.get(at) ?? null) path.push(at)
  return path
}

type KnownRow = {
  readonly id: UseCaseId
  readonly externalId: string | null
  readonly state: useCase.UseCase
  readonly revision: number
}

/** The use cases that go by these names, external id or id, with the texts that the importer may read. */
export async function knownBy(
  query: Query,
  names: readonly string[],
  reads: Surroundings['reads'],
): Promise<ReadonlyMap<string, Known | 'taken'>> {
  const rows = await query<KnownRow>(
    `select u.id, u.external_id as "externalId", s.state, s.rev as revision
     from use_cases u join streams s on s.stream = 'useCase/' || u.id
     where u.external_id = any($1) or u.id = any($1)`,
    [names],
  )
  const belonging = ({ id, state: { unit, requester, owners } }: KnownRow): Belonging => {
    return { id, unit, people: [requester, owners.business, owners.technical, owners.backup] }
  }
  const open = rows.filter((row) => reads('text.read', belonging(row))).map(({ id }) => id)
  const texts = await textsOf(query, open)
  const found = new Map<string, Known | 'taken'>()
  for (const row of rows) {
    const { id, externalId, state, revision } = row
    const isKnown = reads('useCase.read', belonging(row))
    const known = isKnown ? { state, revision, texts: texts.get(id) ?? {} } : ('taken' as const)
    found.set(id, known)
    if (externalId !== null) found.set(externalId, known)
  }
  return found
}

/** The newest text of each sealed answer, as far as it is kept. */
export async function textsOf(
  query: Query,
  useCases: readonly UseCaseId[],
): Promise<ReadonlyMap<UseCaseId, { readonly [key: string]: Json }>> {
  const rows = await query<{ stream: string; texts: { readonly [key: string]: Json } | null }>(
    `select e.stream, p.personal::jsonb -> 'texts' as texts
     from ledger.entry e join ledger.payload p on p.event_id = e.id
     where e.stream = any($1) and e.kind = 'intake.answers_changed' order by e.stream, e.rev`,
    [useCases.map((id) => `useCase/${id}`)],
  )
  const found = new Map<UseCaseId, { readonly [key: string]: Json }>()
  for (const { stream, texts } of rows) {
    const id = stream.slice('useCase/'.length) as UseCaseId // the stream of a use case
    found.set(id, { ...found.get(id), ...texts })
  }
  return found
}

/** The context of one batch of rows. */
export function contextOf(
  surroundings: Surroundings,
  known: ReadonlyMap<string, Known | 'taken'>,
  index: LikenessIndex,
): PlanContext {
  return {
    ...surroundings,
    known: (name) => known.get(name) ?? null,
    similar: (print: Fingerprint, id) => index.similar(print, id),
  }
}
