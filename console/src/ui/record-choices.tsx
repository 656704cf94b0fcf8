import { listUseCases } from '../../../src/contracts/routes/intake.ts'
import { listPeople } from '../../../src/contracts/routes/people.ts'
import { listDeployments } from '../../../src/contracts/routes/registry.ts'
import { idPrefixes, type IdKind } from '../../../src/kernel/ids.ts'
import { useRead } from '../api/reading.ts'
import { t, tCode } from '../messages/text.ts'
import { shortened } from './copy.tsx'
import { Person } from './person.tsx'
import { PlaceTitle } from './place-name.tsx'
import type { RecordChoice } from './record-filter.tsx'
import { Untrusted } from './untrusted.tsx'

/** Takes a text for an id of this kind, if it has its form. */
export function idOf(kind: IdKind): (text: string) => string | null {
  const form = new RegExp(`^${idPrefixes[kind]}_[0-7][0-9a-hjkmnp-tv-z]{25}$`)
  return (text) => (form.test(text) ? text : null)
}

/** The question of a list for what was typed: the first records while nothing is. */
export function asked(text: string) {
  return { limit: 8, ...(text === '' ? {} : { q: text }) }
}

/** A record by its name; by id while it loads or where it may not be read. */
export function NameOr({ id, name }: { readonly id: string; readonly name: string | undefined }) {
  return name === undefined ? <code title={id}>{shortened(id)}</code> : <Untrusted text={name} />
}

const actorForm = /^((usr|svc)_[0-7][0-9a-hjkmnp-tv-z]{25}|sys:[a-z]+)$/

export const useCaseChoice: RecordChoice = {
  useFound: (text) => {
    const { data, isPending, error } = useRead(listUseCases, { query: asked(text) }, { keepsLast: true })
    const items = (data?.items ?? []).map(({ id, title, state }) => ({
      id,
      name: title,
      note: tCode('state', state),
    }))
    return { items, isPending, error }
  },
  Name: ({ id }) => {
    const { data } = useRead(listUseCases, { query: { q: id, limit: 1 } })
    return <NameOr id={id} name={data?.items[0]?.title} />
  },
  none: t('picker.noUseCase'),
  idIn: idOf('useCase'),
}

/** A deployment: a use case in an environment. */
export const placeChoice: RecordChoice = {
  useFound: (text) => {
    const { data, isPending, error } = useRead(listDeployments, { query: asked(text) }, { keepsLast: true })
    const items = (data?.items ?? []).map(({ id, title, environment, op }) => ({
      id,
      name: `${title}, ${tCode('environment', environment)}`,
      note: tCode('state', op),
    }))
    return { items, isPending, error }
  },
  Name: PlaceTitle,
  none: t('picker.noPlace'),
  idIn: idOf('deployment'),
}

/** Whoever acted: people by name, those who left too; service accounts by id. */
export const actorChoice: RecordChoice = {
  useFound: (text) => {
    const { data, isPending, error } = useRead(listPeople, { query: asked(text) }, { keepsLast: true })
    const items = (data?.items ?? []).map(({ id, name, state }) => ({
      id,
      name: name ?? id,
      ...(state === 'active' ? {} : { note: tCode('state', state) }),
    }))
    return { items, isPending, error }
  },
  Name: ({ id }) => (id.startsWith('usr_') ? <Person id={id} /> : <code>{id}</code>),
  none: t('picker.noActor'),
  idIn: (text) => (actorForm.test(text) ? text : null),
}
