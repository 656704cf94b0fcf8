import { Link } from '@tanstack/react-router'
import { listConditions } from '../../../../src/contracts/routes/conditions.ts'
import { problemIn } from '../../api/client.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Grid } from '../../ui/grid.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Missing } from './deploy-dialog.tsx'
import { ReleaseLink } from './release-link.tsx'
import type { SystemView } from './system.tsx'

/** May it run, what runs, how do we know, for each place; then what is open and what comes next. */
export function SystemOverview({ system }: { readonly system: SystemView }) {
  const { places, releases } = system
  const [newest] = releases.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  return (
    <div className="stack">
      <Panel title={t('overview.places')} flush>
        {places.length === 0 ? (
          <Empty action={<Link to={`/systems/${system.id}/deployments`}>{t('system.tab.deployments')}</Link>}>
            {t('overview.noPlaces')}
          </Empty>
        ) : (
          <Grid
            label={t('overview.places')}
            rows={places}
            keyOf={({ id }) => id}
            columns={[
              {
                id: 'place',
                header: t('overview.place'),
                cell: ({ id, environment, op }) => (
                  <>
                    <Link to={`/deployments/${id}`}>{tCode('environment', environment)}</Link>{' '}
                    <span className="muted">{tCode('state', op)}</span>
                  </>
                ),
              },
              {
                id: 'may',
                header: t('overview.mayRun'),
                cell: ({ state, until }) => (
                  <>
                    <Status state={state} />{' '}
                    {until !== null && (
                      <span className="muted">
                        {t('registry.untilWord')} <Time at={until} both />
                      </span>
                    )}
                  </>
                ),
              },
              {
                id: 'what',
                header: t('overview.whatRuns'),
                cell: ({ desired, observed }) => <WhatRuns desired={desired} observed={observed} />,
              },
              {
                id: 'how',
                header: t('overview.howKnown'),
                cell: ({ asOf }) =>
                  asOf === null ? (
                    t('overview.notDerived')
                  ) : (
                    <>
                      {t('overview.derived')} <Time at={asOf} />
                    </>
                  ),
              },
            ]}
          />
        )}
      </Panel>
      <div className="columns">
        <Panel title={t('overview.conditions')}>
          <OpenConditions useCaseId={system.useCaseId} />
        </Panel>
        <Panel title={t('overview.findings')}>
          {newest === undefined ? (
            <p className="muted">{t('overview.noRelease')}</p>
          ) : (
            <>
              <p className="muted">
                {t('overview.findingsOf')} <ReleaseLink digest={newest.digest} />,{' '}
                {tCode('environment', places[0]?.environment ?? 'prod')}
              </p>
              <Missing release={newest.digest} environment={places[0]?.environment ?? 'prod'} />
            </>
          )}
        </Panel>
        <Panel title={t('overview.dates')}>
          <NextDates system={system} />
        </Panel>
      </div>
    </div>
  )
}

function WhatRuns({
  desired,
  observed,
}: {
  readonly desired: string | null
  readonly observed: string | null
}) {
  if (desired === null) return <span className="muted">{t('overview.nothingRuns')}</span>
  if (observed === desired)
    return (
      <>
        <ReleaseLink digest={desired} /> <span className="muted">{t('overview.asObserved')}</span>
      </>
    )
  return (
    <>
      {t('place.desired')} <ReleaseLink digest={desired} />, {t('place.observed')}{' '}
      <ReleaseLink digest={observed ?? 'unknown'} />
    </>
  )
}

function OpenConditions({ useCaseId }: { readonly useCaseId: SystemView['useCaseId'] }) {
  const read = useRead(listConditions, { query: { useCaseId, state: 'open', limit: 100 } })
  if (read.data === undefined && problemIn(read.error)?.code === 'FORBIDDEN')
    return <p className="muted">{t('common.noAccess')}</p>
  return (
    <Loaded read={read} rows={2}>
      {({ items }) =>
        items.length === 0 ? (
          <p className="muted">{t('overview.noConditions')}</p>
        ) : (
          <ul className="reasons">
            {items.map(({ id, due, isBreached, owner, onBreach }) => (
              <li key={id}>
                <Status state={isBreached ? 'breached' : 'open'} /> {t('overview.dueWord')}{' '}
                <Time at={due} both />, <Person id={owner} />. {tCode('overview.onBreach', onBreach)}
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  )
}

function NextDates({ system: { places, next } }: { readonly system: SystemView }) {
  const ends = places.flatMap(({ id, environment, until }) =>
    until === null
      ? []
      : [{ id, at: until, text: t('overview.ends', { place: tCode('environment', environment) }) }],
  )
  const dates = [
    ...ends,
    ...(next?.what === 'condition_due'
      ? [{ id: 'condition', at: next.at, text: t('registry.nextOf.condition_due') }]
      : []),
  ].toSorted((a, b) => a.at.localeCompare(b.at))
  if (dates.length === 0) return <p className="muted">{t('overview.noDates')}</p>
  return (
    <ul className="reasons">
      {dates.map(({ id, at, text }) => (
        <li key={id}>
          <Time at={at} both /> {text}
        </li>
      ))}
    </ul>
  )
}
