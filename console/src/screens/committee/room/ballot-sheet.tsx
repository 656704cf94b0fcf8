import { useState } from 'react'
import { castBallot } from '../../../../../src/contracts/routes/cases.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { Button } from '../../../ui/button.tsx'
import { absolute, useAppearance } from '../../../ui/clock.ts'
import { CommandForm } from '../../../ui/command-form.tsx'
import { Id } from '../../../ui/copy.tsx'
import { RadioField, TextField } from '../../../ui/field.tsx'
import { Note } from '../../../ui/note.tsx'
import { Reasons } from '../../../ui/outcome.tsx'
import { toast } from '../../../ui/toast.tsx'
import { Untrusted } from '../../../ui/untrusted.tsx'
import { ConditionDrafts, newDraft, sentDrafts, type Draft } from '../condition-drafts.tsx'
import { instantOf } from '../../../ui/local-time.ts'
import type { Case } from './case.ts'

/** Characters without which an objection, a condition or a recusal says nothing; the server asks for the same. */
export const minRationale = 20
const choices = ['approve', 'approve_with_conditions', 'object', 'abstain'] as const
type Choice = (typeof choices)[number]

/**
 * Casts the ballot of one's function, or supersedes it. Before it is sent the sheet repeats in words what is decided on and
 * how; it closes to a subject that changes beneath it.
 */
export function BallotSheet({
  found,
  choice: wanted,
  onClose,
}: {
  readonly found: Case
  readonly choice: Choice | null
  readonly onClose: () => void
}) {
  const { id, own, subjectDigest, rule, tier, subject, ballots, proof } = found
  const fn = own.fn ?? 'security'
  const [choice, setChoice] = useState<Choice | null>(wanted)
  const [drafts, setDrafts] = useState<readonly Draft[]>([])
  const [until, setUntil] = useState('')
  const [rationale, setRationale] = useState('')
  const [seen, setSeen] = useState(subjectDigest)
  const [nonce] = useState(() => crypto.randomUUID())
  const approves = choice === 'approve' || choice === 'approve_with_conditions'
  const withConditions = choice === 'approve_with_conditions'
  const conditions = withConditions ? sentDrafts(drafts) : []
  const needsRationale = choice === 'object' || withConditions
  const end = approves ? instantOf(until) : null
  const whyNot = faultIn()
  const isWaiver = subject.kind === 'waiver'

  function faultIn(): string | null {
    if (own.fn === null) return t('ballot.noSeat')
    if (choice === null) return t('ballot.noChoice')
    if (seen !== subjectDigest) return t('ballot.subjectChanged')
    if (conditions === null) return t('ballot.conditionIncomplete')
    if (withConditions && drafts.length === 0) return t('ballot.noCondition')
    if (needsRationale && rationale.trim().length < minRationale)
      return t('ballot.rationaleShort', { min: minRationale })
    return null
  }
  const input = () =>
    choice === null || conditions === null
      ? null
      : {
          params: { id },
          body: {
            choice,
            subjectDigest: seen,
            conditions: [...conditions],
            rationale: rationale.trim(),
            nonce,
            ...(end === null ? {} : { until: end }),
          },
        }
  const isSuperseding = ballots.some((ballot) => ballot.fn === own.fn)
  return (
    <CommandForm
      route={castBallot}
      input={input}
      verb={isSuperseding ? t('case.supersedeBallot') : t('case.castBallot')}
      kind={choice === 'object' ? 'danger' : 'primary'}
      whyNot={whyNot}
      onClose={onClose}
      onDone={() => {
        toast(t('ballot.cast'))
        onClose()
      }}
    >
      {own.refusals.length > 0 && whyNot !== null && (
        <Note tone="attention">
          <p>{t('case.ownRefused')}</p>
          <Reasons reasons={own.refusals} />
        </Note>
      )}
      {isSuperseding && <Note>{t('ballot.supersedes')}</Note>}
      <RadioField
        label={t('ballot.choice', { fn: tCode('fn', fn) })}
        value={choice}
        onChange={(value) => {
          const next = value as Choice // one of the options below
          setChoice(next)
          if (next === 'approve_with_conditions' && drafts.length === 0) setDrafts([newDraft(fn)])
        }}
        options={choices.map((option) => ({
          value: option,
          label: tCode('choice', option),
          help: tCode('choiceHelp', option),
          whyNot: option === 'approve_with_conditions' && isWaiver ? t('ballot.waiverNoConditions') : null,
        }))}
      />
      {withConditions && (
        <ConditionDrafts
          drafts={drafts}
          onChange={setDrafts}
          attester={fn}
          canNotify={!(tier === 3 && rule.veto.includes(fn))}
        />
      )}
      {approves && (
        <TextField
          label={t('ballot.untilLabel')}
          type="datetime-local"
          value={until}
          onChange={setUntil}
          isOptional
          help={t('ballot.untilHelp', { days: rule.ttlDays })}
        />
      )}
      <TextField
        label={t('ballot.rationale')}
        value={rationale}
        onChange={setRationale}
        rows={4}
        isOptional={!needsRationale}
        help={needsRationale ? t('ballot.rationaleHelp', { min: minRationale }) : undefined}
      />
      {seen !== subjectDigest && (
        <Note tone="attention" live="assertive">
          <p>{t('ballot.subjectChanged')}</p>
          <Button onClick={() => setSeen(subjectDigest)}>{t('ballot.lookAgain')}</Button>
        </Note>
      )}
      {choice !== null && (
        <Repeated found={found} choice={choice} drafts={drafts} end={end} seen={seen} proof={proof} />
      )}
    </CommandForm>
  )
}

/** What the ballot says, in words: this, and nothing else, is sent and signed. */
function Repeated({
  found: { title, subject, rule, own },
  choice,
  drafts,
  end,
  seen,
  proof,
}: {
  readonly found: Case
  readonly choice: Choice
  readonly drafts: readonly Draft[]
  readonly end: string | null
  readonly seen: string
  readonly proof: string
}) {
  const { zone } = useAppearance()
  const approves = choice === 'approve' || choice === 'approve_with_conditions'
  return (
    <section className="repeated stack" aria-label={t('ballot.inWords')}>
      <h3>{t('ballot.inWords')}</h3>
      <p>
        {t('ballot.sentence', {
          fn: own.fn === null ? '' : tCode('fn', own.fn),
          choice,
          kind: tCode('caseKind', subject.kind),
          environment: tCode('environment', subject.environment),
        })}{' '}
        <Untrusted text={title} />
      </p>
      {approves && (
        <p>
          {end === null
            ? t('ballot.endsByRule', { days: rule.ttlDays })
            : t('ballot.endsAt', { at: absolute(new Date(end), zone) })}
        </p>
      )}
      {choice === 'approve_with_conditions' && (
        <ul>
          {drafts.map(({ key, text, due, phase, onBreach, attester }) => (
            <li key={key}>
              <Untrusted text={text} />{' '}
              <span className="muted">
                {t('ballot.conditionWords', {
                  phase: tCode('conditionPhase', phase),
                  due: instantOf(due) === null ? '' : absolute(new Date(due), zone),
                  attester: tCode('fn', attester),
                  breach: tCode('conditionBreach', onBreach),
                })}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p>
        {t('case.subjectDigest')}: <Id id={seen} whole />
      </p>
      <p className="muted">{tCode('proofAsked', proof)}</p>
    </section>
  )
}
