import { t } from '../../messages/safety.ts'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { Waiver } from './waiver.tsx'

/** What people have written at each step of a waiver or an override. */
export function ReasonsGiven({
  title,
  notes,
  wordsOf,
}: {
  readonly title: string
  readonly notes: Waiver['notes']
  readonly wordsOf: (event: string) => string
}) {
  return (
    <Panel title={title}>
      <ol className="stack">
        {notes.map(({ event, at, by, text }) => (
          <li key={`${event} ${at}`} className="note">
            <div className="row">
              <strong>{wordsOf(event.replaceAll('.', '_'))}</strong>
              <Person id={by} />
              <Time at={at} both />
            </div>
            {text === null ? <p className="muted">{t('waiver.masked')}</p> : <Untrusted text={text} block />}
          </li>
        ))}
      </ol>
    </Panel>
  )
}
