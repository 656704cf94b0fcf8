import { Link } from '@tanstack/react-router'
import { listWaivers } from '../../../../src/contracts/routes/waivers.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/safety.ts'
import { Id } from '../../ui/copy.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { useCaseChoice } from '../../ui/record-choices.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { gapName, missingWords } from './waiver-words.ts'

type Row = ItemOf<typeof listWaivers>
const states = ['requested', 'accepted', 'expired', 'refused', 'revoked'] as const

const columns: readonly Column<Row>[] = [
  {
    id: 'gap',
    header: t('waiver.gap'),
    cell: ({ id, subject }) => <Link to={`/waivers/${id}`}>{gapName(subject)}</Link>,
    text: ({ subject }) => gapName(subject),
  },
  {
    id: 'title',
    header: t('case.useCase'),
    cell: ({ title }) => <Untrusted text={title} />,
    text: ({ title }) => title,
  },
  {
    id: 'state',
    leaves: 'last',
    header: t('waiver.state'),
    cell: ({ state }) => <Status state={state} />,
    text: ({ state }) => state,
  },
  {
    id: 'residual',
    header: t('waiver.residual'),
    cell: ({ residual }) => tCode('residual', String(residual)),
    text: ({ residual }) => String(residual),
  },
  {
    id: 'tier',
    header: t('case.tier'),
    cell: ({ tier }) => <Tier tier={tier} />,
    text: ({ tier }) => String(tier),
  },
  {
    id: 'waits',
    header: t('case.waitsFor'),
    cell: (row) => waitsFor(row),
    text: (row) => waitsFor(row),
  },
  {
    id: 'expiresAt',
    leaves: 'last',
    header: t('waiver.expiresAt'),
    cell: ({ expiresAt }) =>
      expiresAt === null ? (
        <span className="muted">{t('waiver.notRunning')}</span>
      ) : (
        <Time at={expiresAt} both />
      ),
    text: ({ expiresAt }) => expiresAt ?? '',
  },
  {
    id: 'renewals',
    header: t('waiver.renewals'),
    cell: ({ renewals }) => String(renewals),
    text: ({ renewals }) => String(renewals),
    align: 'end',
    isHidden: true,
  },
  { id: 'id', header: t('case.id'), cell: ({ id }) => <Id id={id} />, text: ({ id }) => id, isHidden: true },
]

function waitsFor({ state, needsCase, caseId, missing }: Row): string {
  if (state !== 'requested') return t('case.waitsNothing')
  if (needsCase && caseId === null) return t('waiver.waitsCase')
  return t('waiver.waitsAcceptors', { acceptors: missingWords(missing) })
}

/** Which gaps are accepted, by whom and for how long. */
export function Waivers() {
  return (
    <Screen title={t('rail.waivers')} answer={<Answer />}>
      <RecordList
        id="waivers"
        route={listWaivers}
        columns={columns}
        filters={[
          {
            name: 'state',
            label: t('waiver.state'),
            options: states.map((state) => ({ value: state, label: tCode('state', state) })),
          },
          { name: 'useCaseId', label: t('case.useCase'), choice: useCaseChoice },
        ]}
        hrefOf={({ id }) => `/waivers/${id}`}
        keyOf={({ id }) => id}
        empty={t('waiver.none')}
        everyMs={60_000}
      />
    </Screen>
  )
}

function Answer() {
  const read = useRead(listWaivers, { query: { limit: 200 } })
  if (read.data === undefined) return null
  const { items } = read.data
  const inForce = items.filter(({ state }) => state === 'accepted')
  const soon = inForce.filter(
    ({ expiresAt }) => expiresAt !== null && Date.parse(expiresAt) - Date.now() < 14 * 86_400_000,
  ).length
  const waiting = items.filter(({ state }) => state === 'requested').length
  return t('waiver.answer', { inForce: inForce.length, soon, waiting })
}
