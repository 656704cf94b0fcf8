import { Link } from '@tanstack/react-router'
import { listStandings } from '../../../../src/contracts/routes/home.ts'
import type { ItemOf } from '../../api/reading.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { t, tCode } from '../../messages/home.ts'
import { Id } from '../../ui/copy.tsx'
import { Go } from '../../ui/go.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { leaveText } from './answer.ts'

type Row = ItemOf<typeof listStandings>

const columns: readonly Column<Row>[] = [
  {
    id: 'title',
    header: t('home.column.title'),
    cell: ({ systemId, title }) => (
      <Link to={`/systems/${systemId}`}>
        <Untrusted text={title} />
      </Link>
    ),
    text: ({ title }) => title,
  },
  {
    id: 'tier',
    header: t('home.column.tier'),
    cell: ({ tier }) => <Tier tier={tier} />,
    text: ({ tier }) => String(tier),
  },
  {
    id: 'state',
    leaves: 'last',
    header: t('home.column.state'),
    cell: ({ state }) => <Status state={state} />,
    text: ({ state }) => state,
  },
  {
    id: 'reason',
    header: t('home.column.reason'),
    cell: ({ reasons }) => leaveText(reasons),
    text: ({ reasons }) => leaveText(reasons),
  },
  {
    id: 'environment',
    header: t('home.column.environment'),
    cell: ({ environment }) => tCode('environment', environment),
    text: ({ environment }) => environment,
  },
  {
    id: 'grant',
    header: t('home.column.grant'),
    cell: ({ hasGrant }) => (hasGrant ? t('home.grantLive') : t('home.grantNone')),
    text: ({ hasGrant }) => String(hasGrant),
  },
  {
    id: 'until',
    leaves: 'last',
    header: t('home.column.until'),
    cell: ({ until }) => (until === null ? '' : <Time at={until} />),
    text: ({ until }) => until ?? '',
  },
  {
    id: 'asOf',
    header: t('home.column.asOf'),
    cell: ({ asOf }) => (asOf === null ? '' : <Time at={asOf} />),
    text: ({ asOf }) => asOf ?? '',
    isHidden: true,
  },
  {
    id: 'observed',
    header: t('home.column.observed'),
    cell: ({ isObserved }) =>
      isObserved ? t('home.observedYes') : <Status state="unknown" word={t('home.observedNo')} />,
    text: ({ isObserved }) => String(isObserved),
  },
  {
    id: 'owner',
    header: t('home.column.owner'),
    cell: ({ owner }) => <Person id={owner} />,
    text: ({ owner }) => owner,
  },
  {
    id: 'deployment',
    header: t('home.column.id'),
    cell: ({ id }) => <Id id={id} />,
    text: ({ id }) => id,
    isHidden: true,
  },
]

/** The rows behind one number of the matrix. */
export function Rows() {
  const { tier, authorization } = useSearchMembers()
  const fixed = {
    ...(tier === undefined ? {} : { tier }),
    ...(authorization === undefined ? {} : { state: authorization }),
  }
  const what = [
    ...(tier === undefined ? [] : [t('tier.label', { tier })]),
    ...(authorization === undefined ? [] : [tCode('state', authorization)]),
  ].join(', ')
  return (
    <Panel title={`${t('home.rows')}: ${what}`} actions={<Go to="/">{t('home.rowsClose')}</Go>}>
      <RecordList
        id="in-service"
        route={listStandings}
        columns={columns}
        fixed={fixed}
        hrefOf={({ id }) => `/deployments/${id}`}
        keyOf={({ id }) => id}
        empty={t('home.rowsNone')}
      />
    </Panel>
  )
}
