import { t, tCode } from '../../../messages/committee.ts'
import { Button } from '../../../ui/button.tsx'
import { Note } from '../../../ui/note.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Person } from '../../../ui/person.tsx'
import { Reasons } from '../../../ui/outcome.tsx'
import { Status } from '../../../ui/status.tsx'
import { Time } from '../../../ui/time.tsx'
import { Untrusted } from '../../../ui/untrusted.tsx'
import type { CaseAct } from './actions.tsx'
import { isOpenCase, type Case } from './case.ts'
import { ConditionList } from './conditions.tsx'

type Seat = Case['roster'][number]
const tones = {
  approve: 'good',
  approve_with_conditions: 'attention',
  object: 'breach',
  abstain: 'neutral',
} as const

/** Who votes for a seat now: the first without conflict who has not recused themselves. */
export function voterOf({ candidates }: Seat, recused: readonly string[]): string | null {
  return (
    candidates.find(({ person, conflicts }) => conflicts.length === 0 && !recused.includes(person))?.person ??
    null
  )
}

/** Who decides: each function with its person, what speaks against whom, and what they have said. */
export function Seats({
  found,
  onAct = () => undefined,
}: {
  readonly found: Case
  readonly onAct?: (act: CaseAct) => void
}) {
  const { roster, own, state } = found
  return (
    <Panel title={t('case.seats')}>
      <div className="stack">
        {state === 'voting' && own.refusals.length > 0 && (
          <Note>
            <p>{t('case.ownRefused')}</p>
            <Reasons reasons={own.refusals} />
          </Note>
        )}
        <ul className="seats">
          {roster.map((seat) => (
            <SeatLine key={seat.seat} seat={seat} found={found} onAct={onAct} />
          ))}
        </ul>
      </div>
    </Panel>
  )
}

function SeatLine({
  seat,
  found,
  onAct,
}: {
  readonly seat: Seat
  readonly found: Case
  readonly onAct: (act: CaseAct) => void
}) {
  const { rule, recused, ballots, own, state } = found
  const voter = voterOf(seat, recused)
  const ballot = ballots.find(({ fn }) => fn === seat.fn)
  const isOwn = own.fn === seat.fn
  const marks = [
    ...(seat.chair ? [t('seat.chair')] : []),
    ...(rule.required.includes(seat.fn) ? [t('seat.required')] : []),
    ...(rule.veto.includes(seat.fn) ? [t('seat.veto')] : []),
  ]
  return (
    <li className={isOwn ? 'own' : undefined}>
      <div className="row spread">
        <h3>{tCode('fn', seat.fn)}</h3>
        <span className="muted">{marks.join(', ')}</span>
      </div>
      <ul>
        {seat.candidates.map(({ person, role, conflicts, independent }) => {
          const isRecused = recused.includes(person)
          return (
            <li key={person} className={person === voter ? undefined : 'muted'}>
              <Person id={person} />{' '}
              <span className="muted">
                {[
                  tCode('seatRole', role),
                  ...(independent ? [t('seat.independent')] : []),
                  ...(person === voter ? [t('seat.votes')] : []),
                ].join(', ')}
              </span>
              {isRecused && <span className="status tone-attention"> {t('seat.recused')}</span>}
              {conflicts.length > 0 && (
                <span className="status tone-attention wrap">
                  {t('seat.conflict', {
                    conflicts: conflicts.map((code) => tCode('seatConflict', code)).join(', '),
                  })}
                </span>
              )}
            </li>
          )
        })}
      </ul>
      {voter === null && <Status state="blocked" word={t('seat.nobody')} />}
      {ballot === undefined ? (
        isOpenCase(found) && <Status state="pending" tone="neutral" word={t('seat.noBallot')} />
      ) : (
        <div className="ballot stack">
          <div className="row">
            <Status
              state={ballot.choice}
              tone={tones[ballot.choice as keyof typeof tones] ?? 'unknown'}
              word={tCode('choice', ballot.choice)}
            />
            <span className="muted">
              <Person id={ballot.by} />, <Time at={ballot.castAt} />
              {ballot.until !== null && (
                <>
                  , {t('ballot.until')} <Time at={ballot.until} both />
                </>
              )}
            </span>
          </div>
          {ballot.rationale === null ? (
            <p className="muted">{t('ballot.masked')}</p>
          ) : (
            ballot.rationale !== '' && (
              <p>
                <Untrusted text={ballot.rationale} />
              </p>
            )
          )}
          <ConditionList conditions={ballot.conditions} />
        </div>
      )}
      {isOwn && state === 'voting' && (
        <div className="row no-print">
          <Button onClick={() => onAct('vote')}>
            {ballot === undefined ? t('case.castBallot') : t('case.supersedeBallot')}
          </Button>
          <Button onClick={() => onAct('recuse')}>{t('case.recuse')}</Button>
        </div>
      )}
    </li>
  )
}
