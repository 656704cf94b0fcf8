import { explainTier } from '../../../../src/contracts/routes/intake.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/intake.ts'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Fired, Legal, lowerText, Points } from './assessment.tsx'
import type { Question, UseCaseRecord } from './questions.ts'

/** Why the tier and the legal class are what they are, and what would lower the tier. */
export function TierTab({
  record,
  questions,
}: {
  readonly record: UseCaseRecord
  readonly questions: readonly Question[]
}) {
  const read = useRead(explainTier, { params: { id: record.id } })
  const labelled = (key: string) => questions.find((question) => question.key === key)?.label ?? key
  return (
    <Loaded read={read} rows={8}>
      {({ effective, computed, legal, computedLegal, lowerIf }) => (
        <div className="columns">
          <Panel title={t('intake.tier')}>
            <div className="stack">
              <Facts
                rows={[
                  [t('intake.tierEffective'), <Tier key="effective" tier={effective} />],
                  [t('intake.tierComputed'), <Tier key="computed" tier={computed.tier} />],
                  [t('intake.tierFloor'), <Tier key="floor" tier={computed.floor} />],
                ]}
              />
              {record.assessment === null && <Note tone="unknown">{t('intake.notAssessed')}</Note>}
              <Override record={record} />
              <h3>{t('intake.fired')}</h3>
              <Fired computed={computed} />
              <Points computed={computed} />
            </div>
          </Panel>
          <div className="stack">
            <Panel title={t('intake.unknowns')}>
              {computed.unknowns.length === 0 ? (
                <p className="muted">{t('intake.noUnknowns')}</p>
              ) : (
                <div className="stack">
                  <p>{t('intake.unknownsText', { count: computed.unknowns.length })}</p>
                  <ul className="stack tight">
                    {computed.unknowns.map((key) => (
                      <li key={key}>
                        <Status state="unknown" word={labelled(key)} />
                      </li>
                    ))}
                  </ul>
                </div>
              )}
            </Panel>
            <Panel title={t('intake.lower')}>
              {lowerIf.length === 0 ? (
                <p className="muted">{t('intake.noLower')}</p>
              ) : (
                <ul className="stack tight">
                  {lowerIf.map((item) => (
                    <li key={item.key}>{lowerText(item, questions)}</li>
                  ))}
                </ul>
              )}
            </Panel>
            <Panel title={t('intake.legalClass')}>
              <div className="stack">
                <Legal name={legal.class} cleared={legal.cleared} />
                {computedLegal.class !== legal.class && (
                  <p>
                    {t('intake.legalWouldBe')} <Legal name={computedLegal.class} />
                  </p>
                )}
                <ul className="stack tight" hidden={legal.basis.length === 0}>
                  {legal.basis.map((basis) => (
                    <li key={basis}>{basis}</li>
                  ))}
                </ul>
                {legal.gpai && <p>{t('intake.gpai')}</p>}
                <Clearing record={record} />
              </div>
            </Panel>
          </div>
        </div>
      )}
    </Loaded>
  )
}

/** What people have signed about the tier. */
function Override({ record }: { readonly record: UseCaseRecord }) {
  const { up, down } = record.override
  return (
    <>
      {up !== null && (
        <Note tone="attention">
          {t('intake.raisedTo', { tier: up.to })} <Person id={up.by} />
        </Note>
      )}
      {down !== null && (
        <Note tone="attention">
          <p>
            {t('intake.loweredBy', { days: down.days })}{' '}
            {down.endsAt === null ? (
              t('intake.loweredOpen')
            ) : (
              <>
                {t('intake.loweredUntil')} <Time at={down.endsAt} both />
              </>
            )}
          </p>
          <ul>
            {down.signed.map(({ by, fn }) => (
              <li key={by}>
                {tCode('fn', fn)}: <Person id={by} />
              </li>
            ))}
          </ul>
        </Note>
      )}
    </>
  )
}

/** Who has cleared a finding of a prohibited practice. It takes two people of the legal function. */
function Clearing({ record: { prohibited } }: { readonly record: UseCaseRecord }) {
  if (prohibited === null) return null
  return (
    <Note tone={prohibited.cleared ? 'neutral' : 'breach'}>
      <p>{t(prohibited.cleared ? 'intake.cleared' : 'intake.notCleared')}</p>
      <ul>
        {prohibited.clearedBy.map((person) => (
          <li key={person}>
            <Person id={person} />
          </li>
        ))}
      </ul>
    </Note>
  )
}
