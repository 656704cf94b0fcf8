import { t, tCode } from '../../../messages/committee.ts'
import { Person } from '../../../ui/person.tsx'
import { Time } from '../../../ui/time.tsx'
import { Untrusted } from '../../../ui/untrusted.tsx'
import type { Case } from './case.ts'

/** Conditions in words: what, by when and whose, who attests it, what follows when it is not met. */
export function ConditionList({ conditions }: { readonly conditions: Case['reviewConditions'] }) {
  if (conditions.length === 0) return null
  return (
    <ul className="conditions stack">
      {conditions.map(({ textDigest, text, due, owner, attester, onBreach, phase, proposedBy }) => (
        <li key={textDigest}>
          {text === null ? <span className="muted">{t('condition.masked')}</span> : <Untrusted text={text} />}
          <div className="muted">
            {tCode('conditionPhase', phase)}, {t('case.due')} <Time at={due} both />. {t('condition.owner')}:{' '}
            <Person id={owner} />.{' '}
            {t('condition.terms', {
              attester: tCode('fn', attester),
              breach: tCode('conditionBreach', onBreach),
              by: tCode('fn', proposedBy),
            })}
          </div>
        </li>
      ))}
    </ul>
  )
}
