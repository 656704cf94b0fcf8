import { useState } from 'react'
import { declareInterest } from '../../../../../src/contracts/routes/charters.ts'
import { useCommand } from '../../../api/command.ts'
import { t } from '../../../messages/committee.ts'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Person } from '../../../ui/person.tsx'
import { Outcome } from '../../../ui/outcome.tsx'
import { Untrusted } from '../../../ui/untrusted.tsx'
import type { Charters } from './rule-words.ts'

/** Interests in vendors and use cases: whoever has declared one casts no ballot about them. */
export function Interests({
  charters: { interests },
  person,
}: {
  readonly charters: Charters
  readonly person: string
}) {
  const [subject, setSubject] = useState('')
  const { state, send } = useCommand(declareInterest, () => setSubject(''))
  return (
    <Panel title={t('interest.title')}>
      <div className="stack">
        <p>{t('interest.text')}</p>
        <ul>
          {interests.map((item) => (
            <li key={`${item.person} ${item.subject}`} className="row">
              <Person id={item.person} /> <Untrusted text={item.subject} />
              {item.person === person && (
                <Button
                  kind="quiet"
                  onClick={() => void send({ body: { subject: item.subject, withdraw: true } })}
                >
                  {t('interest.withdraw')}
                </Button>
              )}
            </li>
          ))}
        </ul>
        <form
          className="row ask-id"
          onSubmit={(event) => {
            event.preventDefault()
            if (subject.trim() !== '') void send({ body: { subject: subject.trim() } })
          }}
        >
          <TextField label={t('interest.subject')} value={subject} onChange={setSubject} />
          <Button type="submit" whyNot={subject.trim() === '' ? t('interest.noSubject') : null}>
            {t('interest.declare')}
          </Button>
        </form>
        <Outcome state={state} />
      </div>
    </Panel>
  )
}
