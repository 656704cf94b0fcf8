import { Link } from '@tanstack/react-router'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { listCases, listDecisions } from '../../../../src/contracts/routes/cases.ts'
import { listConditions } from '../../../../src/contracts/routes/conditions.ts'
import { listWaivers } from '../../../../src/contracts/routes/waivers.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/registry.ts'
import { shortened } from '../../ui/copy.tsx'
import { Grid, type GridColumn } from '../../ui/grid.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { requirementName } from '../../ui/requirement.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { ReleaseLink } from './release-link.tsx'
import type { SystemView } from './system.tsx'

const all = { limit: 200 }

/** What was decided about the system, on which conditions, and which gaps were accepted. */
export function SystemDecisions({ system: { id, useCaseId } }: { readonly system: SystemView }) {
  const ofUseCase = { query: { useCaseId, ...all } }
  const cases = useRead(listCases, ofUseCase)
  const decisions = useRead(listDecisions, { query: { systemId: id, ...all } })
  const conditions = useRead(listConditions, ofUseCase)
  const waivers = useRead(listWaivers, ofUseCase)
  return (
    <div className="stack">
      <Part title={t('decisions.cases')} read={cases} columns={caseColumns} empty={t('decisions.noCases')} />
      <Part
        title={t('decisions.decisions')}
        read={decisions}
        columns={decisionColumns}
        empty={t('decisions.none')}
      />
      <Part
        title={t('decisions.conditions')}
        read={conditions}
        columns={conditionColumns}
        empty={t('decisions.noConditions')}
      />
      <Part
        title={t('decisions.waivers')}
        read={waivers}
        columns={waiverColumns}
        empty={t('decisions.noWaivers')}
      />
    </div>
  )
}

function Part<T extends { readonly id: string }>({
  title,
  read,
  columns,
  empty,
}: {
  readonly title: string
  readonly read: UseQueryResult<{ readonly items: readonly T[] }>
  readonly columns: readonly GridColumn<T>[]
  readonly empty: string
}) {
  return (
    <Panel title={title} flush>
      <Loaded read={read}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{empty}</Empty>
          ) : (
            <Grid label={title} rows={items} keyOf={(row) => row.id} columns={columns} />
          )
        }
      </Loaded>
    </Panel>
  )
}

function column<T>(id: string, header: string, cell: (row: T) => ReactNode): GridColumn<T> {
  return { id, header, cell }
}

/** On which release in which environment. */
type Subject = { readonly release: string; readonly environment: string }
const subjectColumns: readonly GridColumn<Subject>[] = [
  column('release', t('place.release'), ({ release }) => <ReleaseLink digest={release} />),
  column('environment', t('registry.environment'), ({ environment }) => tCode('environment', environment)),
]

const ended = new Set(['decided', 'lapsed', 'cancelled'])
const caseColumns: readonly GridColumn<ItemOf<typeof listCases>>[] = [
  column('case', t('decisions.case'), ({ id, kind }) => (
    <Link to={`/cases/${id}`}>{tCode('caseKind', kind)}</Link>
  )),
  column('state', t('registry.state'), ({ state }) => <Status state={state} />),
  ...subjectColumns,
  column('opened', t('decisions.opened'), ({ openedAt }) => <Time at={openedAt} />),
  column('deadline', t('decisions.deadline'), ({ state, deadline }) =>
    ended.has(state) ? <span className="muted">{t('decisions.ended')}</span> : <Time at={deadline} both />,
  ),
]

const decisionColumns: readonly GridColumn<ItemOf<typeof listDecisions>>[] = [
  column('outcome', t('decisions.outcome'), ({ caseId, revokedAt, outcome }) => (
    <Link to={`/cases/${caseId}`}>
      <Status state={revokedAt === null ? outcome : 'revoked'} />
    </Link>
  )),
  column('kind', t('decisions.case'), ({ kind }) => tCode('caseKind', kind)),
  ...subjectColumns,
  column('decided', t('decisions.decided'), ({ decidedAt }) => <Time at={decidedAt} />),
  column('expires', t('decisions.expires'), ({ expiresAt }) => <Time at={expiresAt} both />),
]

const conditionColumns: readonly GridColumn<ItemOf<typeof listConditions>>[] = [
  column('state', t('registry.state'), ({ isBreached, state }) => (
    <Status state={isBreached ? 'breached' : state} />
  )),
  column('phase', t('decisions.phase'), ({ phase }) => tCode('phase', phase)),
  column('due', t('decisions.due'), ({ due }) => <Time at={due} both />),
  column('owner', t('registry.owner'), ({ owner }) => <Person id={owner} />),
  column('attester', t('decisions.attester'), ({ attester }) => tCode('fn', attester)),
  column('breach', t('decisions.breach'), ({ onBreach }) => tCode('overview.onBreach', onBreach)),
]

const waiverColumns: readonly GridColumn<ItemOf<typeof listWaivers>>[] = [
  column('id', t('decisions.waiver'), ({ id, subject }) => (
    <Link to={`/waivers/${id}`}>
      {subject.k === 'requirement' ? requirementName(subject.id) : <code>{shortened(id)}</code>}
    </Link>
  )),
  column('state', t('registry.state'), ({ state }) => <Status state={state} />),
  column('by', t('decisions.askedBy'), ({ requestedBy }) => <Person id={requestedBy} />),
  column('until', t('registry.until'), ({ expiresAt }) =>
    expiresAt === null ? '' : <Time at={expiresAt} both />,
  ),
]
