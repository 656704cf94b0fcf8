import { Link } from '@tanstack/react-router'
import { diffReleases, readSystem } from '../../../../../src/contracts/routes/registry.ts'
import { listStops } from '../../../../../src/contracts/routes/stops.ts'
import { readWaiver } from '../../../../../src/contracts/routes/waivers.ts'
import { useRead } from '../../../api/reading.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { Id } from '../../../ui/copy.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { PlaceName } from '../../../ui/place-name.tsx'
import { Time } from '../../../ui/time.tsx'
import { Untrusted } from '../../../ui/untrusted.tsx'
import { requirementName } from '../../../ui/requirement.ts'
import type { Case } from './case.ts'

/** Exactly what is decided on. Digests stand whole: the one that is shown is the one that is signed. */
export function SubjectPanel({ found }: { readonly found: Case }) {
  const { subject, subjectDigest, title, rule } = found
  const { useCaseId, useCaseRevision, systemId, release, environment, kind, deploymentId } = subject
  return (
    <Panel title={t('case.subject')}>
      <div className="stack">
        <p>
          {t('case.subjectText', {
            kind: tCode('caseKind', kind),
            environment: tCode('environment', environment),
            days: rule.ttlDays,
          })}
        </p>
        <Facts
          rows={[
            [
              t('case.useCase'),
              <span key="" className="tap">
                <Link to={`/intake/${useCaseId}`}>
                  <Untrusted text={title} />
                </Link>
              </span>,
            ],
            [t('case.system'), <SystemName key="" id={systemId} title={title} />],
            [t('case.systemId'), <Id key="" id={systemId} whole />],
            [t('case.release'), <Id key="" id={release} whole />],
            [t('case.revision'), <Id key="" id={useCaseRevision} whole />],
            [t('case.environment'), tCode('environment', environment)],
            ...(deploymentId === null
              ? []
              : [
                  [t('case.deployment'), <PlaceName key="" id={deploymentId} />] as const,
                  [t('case.deploymentId'), <Id key="" id={deploymentId} whole />] as const,
                ]),
            [t('case.subjectDigest'), <Id key="" id={subjectDigest} whole />],
          ]}
        />
        {kind === 'resume' && <Stops found={found} />}
        {subject.waiver !== null && <WaiverTerms id={subject.waiver.id} />}
        {kind !== 'waiver' && <Difference found={found} />}
      </div>
    </Panel>
  )
}

/** A system is called as its use case is, and is of one kind; what is decided upon is its id. */
function SystemName({ id, title }: { readonly id: string; readonly title: string }) {
  const { data } = useRead(readSystem, { params: { id } })
  return (
    <span className="tap">
      <Link to={`/systems/${id}`}>
        <Untrusted text={title} />
        {data !== undefined && `, ${tCode('systemKindOf', data.kind)}`}
      </Link>
    </span>
  )
}

function Stops({ found: { subject } }: { readonly found: Case }) {
  const read = useRead(listStops, { query: { limit: 200 } })
  const named = new Set<string>(subject.stops)
  const rows = (read.data?.items ?? []).flatMap(({ scope, targetId, stops }) =>
    stops.filter(({ id }) => named.has(id)).map((stop) => ({ ...stop, scope, targetId })),
  )
  const lifted = subject.stops.filter((id) => rows.every((row) => row.id !== id))
  return (
    <div className="stack">
      <h3>{t('case.stops')}</h3>
      <Loaded read={read} rows={2}>
        {() => (
          <ul className="stack">
            {rows.map(({ id, scope, targetId, reasonCode, since, reason }) => (
              <li key={id}>
                {t('case.stop', {
                  scope: tCode('caseStopScope', scope),
                  reason: tCode('caseStopReason', reasonCode),
                })}{' '}
                <Time at={since} /> <code>{targetId}</code>
                {reason !== null && (
                  <div>
                    <Untrusted text={reason} />
                  </div>
                )}
              </li>
            ))}
            {lifted.map((id) => (
              <li key={id} className="muted">
                {t('case.stopLifted')} <Id id={id} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </div>
  )
}

function WaiverTerms({ id }: { readonly id: string }) {
  const read = useRead(readWaiver, { params: { id } })
  return (
    <div className="stack">
      <h3>{t('case.waiver')}</h3>
      <Loaded read={read} rows={3}>
        {({ subject, residual, lifetimeDays, notes, renewals }) => (
          <>
            <Facts
              rows={[
                [
                  t('waiver.gap'),
                  <Link key="" to={`/waivers/${id}`}>
                    {requirementName(subject.id)}
                  </Link>,
                ],
                [t('waiver.residual'), tCode('residual', String(residual))],
                [t('waiver.lifetime'), t('waiver.days', { days: lifetimeDays })],
                [t('waiver.renewals'), String(renewals)],
              ]}
            />
            {notes.map((note) => (note.text === null ? null : <Untrusted key={note.at} text={note.text} />))}
          </>
        )}
      </Loaded>
    </div>
  )
}

function Difference({ found: { approvedBefore, subject } }: { readonly found: Case }) {
  if (approvedBefore === null) return <p className="muted">{t('case.firstApproval')}</p>
  if (approvedBefore === subject.release) return <p className="muted">{t('case.sameRelease')}</p>
  return <ReleaseDiff from={approvedBefore} to={subject.release} systemId={subject.systemId} />
}

function ReleaseDiff({
  from,
  to,
  systemId,
}: {
  readonly from: string
  readonly to: string
  readonly systemId: string
}) {
  const read = useRead(diffReleases, { params: { a: from, b: to } })
  return (
    <div className="stack">
      <h3>{t('case.difference')}</h3>
      <Loaded read={read} rows={3}>
        {({ class: whole, lines }) => (
          <>
            <p>{t('case.differenceClass', { class: whole, count: lines.length })}</p>
            <ul>
              {lines.map((line) => (
                <li key={line.field}>
                  <code>{line.field}</code> <span className="muted">{tCode('caseDiff', line.class)}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
      <p>
        <Link to={`/systems/${systemId}/releases`} search={{ from, to }}>
          {t('case.compare')}
        </Link>
      </p>
    </div>
  )
}
