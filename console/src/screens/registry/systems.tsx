import { Link } from '@tanstack/react-router'
import { listPeople } from '../../../../src/contracts/routes/people.ts'
import { listSystems, summariseSystems } from '../../../../src/contracts/routes/registry.ts'
import { authorizationStates } from '../../../../src/contracts/schemas.ts'
import { environments } from '../../../../src/kernel/vocabulary.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/registry.ts'
import { shortened } from '../../ui/copy.tsx'
import { Person } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { ReleaseLink } from './release-link.tsx'

type Row = ItemOf<typeof listSystems>

const columns: readonly Column<Row>[] = [
  {
    id: 'name',
    header: t('registry.name'),
    cell: ({ id, name }) => (
      <Link to={`/systems/${id}`}>
        <Untrusted text={name} />
      </Link>
    ),
    text: ({ name }) => name,
    sort: ['name', '-name'],
  },
  {
    id: 'tier',
    leaves: 'last',
    header: t('registry.tier'),
    cell: ({ tier }) => <Tier tier={tier} />,
    text: ({ tier }) => String(tier ?? 'unknown'),
    sort: ['-tier', 'tier'],
  },
  {
    id: 'authorization',
    leaves: 'last',
    header: t('registry.authorization'),
    cell: (row) => <Standing row={row} />,
    text: ({ places }) => places.map(({ environment, state }) => `${environment} ${state}`).join(', '),
    sort: ['authorization', '-authorization'],
  },
  {
    id: 'until',
    header: t('registry.until'),
    cell: ({ places }) => (places[0]?.until == null ? '' : <Time at={places[0].until} />),
    text: ({ places }) => places[0]?.until ?? '',
    isHidden: true,
  },
  {
    id: 'approved',
    header: t('registry.approved'),
    cell: ({ approved }) => <ReleaseLink digest={approved} />,
    text: ({ approved }) => approved ?? '',
  },
  {
    id: 'observed',
    header: t('registry.observed'),
    cell: (row) => <Observed row={row} />,
    text: ({ places }) => places.map(({ observed }) => observed ?? '').join(' '),
  },
  {
    id: 'owner',
    header: t('registry.owner'),
    cell: ({ owner }) => (owner === null ? t('common.none') : <Person id={owner} />),
    text: ({ owner }) => owner ?? '',
  },
  {
    id: 'next',
    leaves: 'last',
    header: t('registry.next'),
    cell: ({ next }) =>
      next === null ? (
        ''
      ) : (
        <>
          <Time at={next.at} /> <span className="muted">{tCode('registry.nextOf', next.what)}</span>
        </>
      ),
    text: ({ next }) => (next === null ? '' : `${next.at} ${next.what}`),
    sort: ['next', '-next'],
  },
  {
    id: 'legal',
    header: t('registry.legal'),
    cell: ({ legalClass }) => (legalClass === null ? t('common.unknown') : tCode('legal', legalClass)),
    text: ({ legalClass }) => legalClass ?? '',
    isHidden: true,
  },
  {
    id: 'environments',
    header: t('registry.environments'),
    cell: ({ places }) => places.map(({ environment }) => tCode('environment', environment)).join(', '),
    text: ({ places }) => places.map(({ environment }) => environment).join(' '),
    isHidden: true,
  },
  {
    id: 'asOf',
    header: t('registry.asOf'),
    cell: ({ places }) => (places[0]?.asOf == null ? '' : <Time at={places[0].asOf} />),
    text: ({ places }) => places[0]?.asOf ?? '',
    isHidden: true,
  },
  {
    id: 'kind',
    header: t('registry.kind'),
    cell: ({ kind }) => tCode('registry.kindOf', kind),
    text: ({ kind }) => kind,
    isHidden: true,
  },
  {
    id: 'created',
    header: t('registry.created'),
    cell: ({ createdAt }) => <Time at={createdAt} />,
    text: ({ createdAt }) => createdAt,
    sort: ['-createdAt', 'createdAt'],
    isHidden: true,
  },
  {
    id: 'id',
    header: t('registry.id'),
    cell: ({ id }) => <code>{id}</code>,
    text: ({ id }) => id,
    isHidden: true,
  },
]

/** What AI there is and in which state: the worst of its places says it. */
export function Systems() {
  const me = useMe().data
  const summary = useRead(summariseSystems, {}, { everyMs: 15_000 })
  const people = useRead(listPeople, { query: { limit: 200 } })
  const others = people.data?.items.filter(({ id }) => id !== me?.person) ?? []
  return (
    <Screen
      title={t('rail.systems')}
      answer={summary.data === undefined ? undefined : <Answer summary={summary.data} />}
    >
      <RecordList
        id="systems"
        route={listSystems}
        columns={columns}
        filters={[
          { name: 'q', label: t('registry.words') },
          {
            name: 'tier',
            label: t('registry.tier'),
            options: ['1', '2', '3'].map((tier) => ({ value: tier, label: t('tier.label', { tier }) })),
          },
          {
            name: 'authorization',
            label: t('registry.authorization'),
            options: [...authorizationStates, 'unknown'].map((state) => ({
              value: state,
              label: tCode('state', state),
            })),
          },
          {
            name: 'environment',
            label: t('registry.environment'),
            options: environments.map((name) => ({ value: name, label: tCode('environment', name) })),
          },
          {
            name: 'state',
            label: t('registry.state'),
            options: ['registered', 'retired'].map((state) => ({
              value: state,
              label: tCode('state', state),
            })),
          },
          {
            name: 'owner',
            label: t('registry.owner'),
            options: [
              ...(me === undefined ? [] : [{ value: me.person, label: t('registry.ownerMe') }]),
              ...others.map(({ id, name }) => ({ value: id, label: name ?? shortened(id) })),
            ],
          },
        ]}
        hrefOf={({ id }) => `/systems/${id}`}
        keyOf={({ id }) => id}
        empty={
          <>
            {t('registry.none')} <Link to="/intake">{t('rail.intake')}</Link>
          </>
        }
        everyMs={15_000}
      />
    </Screen>
  )
}

/** The summary in a sentence; each number opens the rows behind it. */
function Answer({ summary }: { readonly summary: ReplyOf<typeof summariseSystems> }) {
  const permitted = summary.byState
    .filter(({ state }) => state === 'valid' || state === 'conditional' || state === 'emergency')
    .reduce((sum, { places }) => sum + places, 0)
  const rest = summary.byState.filter(({ state }) => state !== 'valid')
  return (
    <>
      {t('registry.answer', { systems: summary.systems, permitted, places: summary.places })}
      {rest.map(({ state, places }, i) => (
        <span key={state}>
          {i === 0 ? ' ' : ', '}
          <Link to="/systems" search={{ authorization: state }}>
            {places} {tCode('state', state)}
          </Link>
        </span>
      ))}
      {rest.length > 0 && '.'}{' '}
      <span className="num">
        {t('registry.asOfNow')} <Time at={summary.at} both />
      </span>
    </>
  )
}

/** The worst place of a system, and how many others it has. */
function Standing({ row: { places, state } }: { readonly row: Row }) {
  const [worst] = places
  if (state === 'retired') return <Status state="retired" />
  if (worst === undefined) return <Status state="none" word={t('registry.noPlace')} tone="neutral" />
  return (
    <span title={worst.asOf === null ? undefined : t('common.asOf', { time: worst.asOf })}>
      <Status state={worst.state} />
      {places.length > 1 && (
        <span className="muted"> {t('registry.morePlaces', { count: places.length - 1 })}</span>
      )}
    </span>
  )
}

function Observed({ row: { places } }: { readonly row: Row }) {
  const running = places.filter(({ desired }) => desired !== null)
  const seen = new Set(running.map(({ observed }) => observed ?? 'unknown'))
  const [one] = seen
  if (seen.size > 1) return t('registry.severalObserved', { count: seen.size })
  return <ReleaseLink digest={one ?? null} />
}
