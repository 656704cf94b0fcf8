import { Link } from '@tanstack/react-router'
import { listCases, listConditions, listDecisions } from '../../../../src/contracts/routes/committee.ts'
import { listWaivers } from '../../../../src/contracts/routes/safety.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/registry.ts'
import { shortened } from '../../ui/copy.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { ReleaseLink } from './release-link.tsx'
import type { SystemView } from './system.tsx'

const all = { limit: 200 }

/** What was decided about the system, on which conditions, and which gaps were accepted. */
export function SystemDecisions({ system: { id, useCaseId } }: { readonly system: SystemView }) {
  const cases = useRead(listCases, { query: { useCaseId, ...all } })
  const decisions = useRead(listDecisions, { query: { systemId: id, ...all } })
  const conditions = useRead(listConditions, { query: { useCaseId, ...all } })
  const waivers = useRead(listWaivers, { query: { useCaseId, ...all } })
  return (
    <div className="stack">
      <Panel title={t('decisions.cases')} flush>
        <Loaded read={cases}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>{t('decisions.noCases')}</Empty>
            ) : (
              <Grid
                label={t('decisions.cases')}
                rows={items}
                keyOf={(row) => row.id}
                columns={[
                  {
                    id: 'case',
                    header: t('decisions.case'),
                    cell: (row) => <Link to={`/cases/${row.id}`}>{tCode('caseKind', row.kind)}</Link>,
                  },
                  { id: 'state', header: t('registry.state'), cell: (row) => <Status state={row.state} /> },
                  {
                    id: 'release',
                    header: t('place.release'),
                    cell: (row) => <ReleaseLink digest={row.release} />,
                  },
                  {
                    id: 'environment',
                    header: t('registry.environment'),
                    cell: (row) => tCode('environment', row.environment),
                  },
                  { id: 'opened', header: t('decisions.opened'), cell: (row) => <Time at={row.openedAt} /> },
                  {
                    id: 'deadline',
                    header: t('decisions.deadline'),
                    cell: (row) => <Time at={row.deadline} both />,
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      <Panel title={t('decisions.decisions')} flush>
        <Loaded read={decisions}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>{t('decisions.none')}</Empty>
            ) : (
              <Grid
                label={t('decisions.decisions')}
                rows={items}
                keyOf={(row) => row.id}
                columns={[
                  {
                    id: 'outcome',
                    header: t('decisions.outcome'),
                    cell: (row) => (
                      <Link to={`/cases/${row.caseId}`}>
                        <Status state={row.revokedAt === null ? row.outcome : 'revoked'} />
                      </Link>
                    ),
                  },
                  { id: 'kind', header: t('decisions.case'), cell: (row) => tCode('caseKind', row.kind) },
                  {
                    id: 'release',
                    header: t('place.release'),
                    cell: (row) => <ReleaseLink digest={row.release} />,
                  },
                  {
                    id: 'environment',
                    header: t('registry.environment'),
                    cell: (row) => tCode('environment', row.environment),
                  },
                  {
                    id: 'decided',
                    header: t('decisions.decided'),
                    cell: (row) => <Time at={row.decidedAt} />,
                  },
                  {
                    id: 'expires',
                    header: t('decisions.expires'),
                    cell: (row) => <Time at={row.expiresAt} both />,
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      <Panel title={t('decisions.conditions')} flush>
        <Loaded read={conditions}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>{t('decisions.noConditions')}</Empty>
            ) : (
              <Grid
                label={t('decisions.conditions')}
                rows={items}
                keyOf={(row) => row.id}
                columns={[
                  {
                    id: 'state',
                    header: t('registry.state'),
                    cell: (row) => <Status state={row.isBreached ? 'breached' : row.state} />,
                  },
                  { id: 'phase', header: t('decisions.phase'), cell: (row) => tCode('phase', row.phase) },
                  { id: 'due', header: t('decisions.due'), cell: (row) => <Time at={row.due} both /> },
                  { id: 'owner', header: t('registry.owner'), cell: (row) => <Person id={row.owner} /> },
                  {
                    id: 'attester',
                    header: t('decisions.attester'),
                    cell: (row) => tCode('fn', row.attester),
                  },
                  {
                    id: 'breach',
                    header: t('decisions.breach'),
                    cell: (row) => tCode('overview.onBreach', row.onBreach),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      <Panel title={t('decisions.waivers')} flush>
        <Loaded read={waivers}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>{t('decisions.noWaivers')}</Empty>
            ) : (
              <Grid
                label={t('decisions.waivers')}
                rows={items}
                keyOf={(row) => row.id}
                columns={[
                  {
                    id: 'id',
                    header: t('decisions.waiver'),
                    cell: (row) => (
                      <Link to={`/waivers/${row.id}`}>
                        <code>{shortened(row.id)}</code>
                      </Link>
                    ),
                  },
                  { id: 'state', header: t('registry.state'), cell: (row) => <Status state={row.state} /> },
                  {
                    id: 'by',
                    header: t('decisions.askedBy'),
                    cell: (row) => <Person id={row.requestedBy} />,
                  },
                  {
                    id: 'until',
                    header: t('registry.until'),
                    cell: (row) => (row.expiresAt === null ? '' : <Time at={row.expiresAt} both />),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
    </div>
  )
}
