import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { replayDecision } from '../../../../../src/contracts/routes/cases.ts'
import { readAuthorization } from '../../../../../src/contracts/routes/enforcement.ts'
import { listDeployments } from '../../../../../src/contracts/routes/registry.ts'
import { useRead } from '../../../api/reading.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { Id } from '../../../ui/copy.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { Note } from '../../../ui/note.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Reasons } from '../../../ui/outcome.tsx'
import { PlaceName } from '../../../ui/place-name.tsx'
import { Status } from '../../../ui/status.tsx'
import { Time } from '../../../ui/time.tsx'
import type { Case } from './case.ts'

/** What has become of a case that has ended, or of ballots whose subject has changed beneath them. */
export function Result({ found }: { readonly found: Case }) {
  const { state, decision, events } = found
  if (state === 'lapsed') return <Note tone="breach">{t('case.lapsed')}</Note>
  if (state === 'cancelled') return <Note>{t('case.wasCancelled')}</Note>
  if (decision !== null) return <Decided found={found} decision={decision} />
  const voided = events.filter(({ event, what }) => event === 'ballot.voided' && what === 'subject_changed')
  if (voided.length === 0) return null
  return (
    <Note tone="attention">
      {t('case.subjectChanged', { count: voided.length })} <Time at={voided.at(-1)?.at ?? null} both />
    </Note>
  )
}

function Decided({
  found,
  decision,
}: {
  readonly found: Case
  readonly decision: NonNullable<Case['decision']>
}) {
  const { id, outcome, decidedAt, notBefore, expiresAt, revoked, conditions } = decision
  const isApproval = outcome !== 'rejected'
  return (
    <Panel title={t('case.decision')}>
      <div className="columns">
        <div className="stack">
          <div className="row">
            <Status state={revoked ? 'revoked' : outcome} />
            {isApproval && !revoked && Date.parse(expiresAt) <= Date.now() && <Status state="expired" />}
          </div>
          <Facts
            rows={[
              [t('case.decisionId'), <Id key="" id={id} whole />],
              [t('case.decidedAt'), <Time key="" at={decidedAt} both />],
              ...(isApproval
                ? ([
                    [t('case.notBefore'), <Time key="" at={notBefore} both />],
                    [t('case.expiresAt'), <Time key="" at={expiresAt} both />],
                  ] as const)
                : []),
              ...(conditions.length === 0
                ? []
                : [
                    [
                      t('case.conditions'),
                      <Link key="" to="/conditions" search={{ useCaseId: found.subject.useCaseId }}>
                        {t('case.conditionCount', { count: conditions.length })}
                      </Link>,
                    ] as const,
                  ]),
            ]}
          />
        </div>
        <Recomputed id={found.id} />
        {isApproval && found.subject.kind !== 'waiver' && <Grants found={found} />}
      </div>
    </Panel>
  )
}

/** The outcome again, from the ledger's entries alone: a record that nobody can recompute proves nothing. */
function Recomputed({ id }: { readonly id: string }) {
  const read = useRead(replayDecision, { params: { id } })
  return (
    <div className="stack">
      <h3>{t('case.recomputed')}</h3>
      <Loaded read={read} rows={2}>
        {({ matches, recorded, recomputed, inputs }) => (
          <>
            <Status
              state={matches === null ? 'unknown' : matches ? 'verified' : 'mismatch'}
              word={t(matches === true ? 'case.recomputedSame' : 'case.recomputedOther', {
                recorded: recorded === null ? '' : tCode('state', recorded),
                recomputed: recomputed === null ? '' : tCode('state', recomputed),
              })}
            />
            {inputs !== null && (
              <Facts
                rows={[
                  [t('case.inputsRecorded'), <Id key="" id={inputs.recorded} />],
                  [t('case.inputsRecomputed'), <Id key="" id={inputs.recomputed} />],
                ]}
              />
            )}
          </>
        )}
      </Loaded>
    </div>
  )
}

/** What the approval means at this moment, for each place of this system in the environment. */
function Grants({ found: { subject } }: { readonly found: Case }) {
  const { systemId, environment, release } = subject
  const read = useRead(listDeployments, { query: { systemId, environment, limit: 50 } })
  return (
    <div className="stack">
      <h3>{t('case.grants')}</h3>
      <Loaded read={read} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{t('case.noDeployment')}</p>
          ) : (
            <ul className="stack">
              {items.map(({ id, desired }) => (
                <li key={id}>
                  <Authorized id={id} rollout={desired === release ? null : release} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  )
}

/** What holds for the place now; where it runs something else, what would hold if the approved release were rolled out. */
function Authorized({ id, rollout }: { readonly id: string; readonly rollout: string | null }) {
  const read = useRead(readAuthorization, {
    params: { id },
    query: rollout === null ? {} : { release: rollout },
  })
  const [isOpen, setOpen] = useState(false)
  return (
    <Loaded read={read} rows={1}>
      {({ state, until, reasons }) => (
        <>
          <div className="row">
            <Status state={state} />
            <span className="tap">
              <PlaceName id={id} />
            </span>
            {rollout !== null && <span className="muted">{t('case.ifRolledOut')}</span>}
            {until !== null && (
              <span>
                {t('case.until')} <Time at={until} both />
              </span>
            )}
          </div>
          {reasons.length > 0 && (
            <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
              <summary>{t('case.grantReasons', { count: reasons.length })}</summary>
              <Reasons reasons={reasons} />
            </details>
          )}
        </>
      )}
    </Loaded>
  )
}
