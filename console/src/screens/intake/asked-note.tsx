import { t } from '../../messages/intake.ts'
import { Note } from '../../ui/note.tsx'
import { Person } from '../../ui/person.tsx'
import { PlaceLink } from '../../ui/place-link.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { Question, UseCaseRecord } from './questions.ts'
import { labelOf } from './save-state.tsx'

/** What an analyst has asked last, with links to the answers that it is about. */
export function AskedNote({
  record,
  questions,
  placeOf,
}: {
  readonly record: UseCaseRecord
  readonly questions: readonly Question[]
  readonly placeOf: (key: string) => string
}) {
  const asked = record.exchanges.at(-1)
  if (record.state !== 'needs_info' || asked?.e !== 'asked') return null
  return (
    <Note tone="attention">
      <p>
        {asked.by !== null && <Person id={asked.by} />} {t('intake.asked')} <Time at={asked.at} />
      </p>
      {asked.text !== null && <Untrusted block text={asked.text} />}
      <ul>
        {asked.keys.map((key) => (
          <li key={key}>
            <PlaceLink href={placeOf(key)}>{labelOf(key, questions)}</PlaceLink>
          </li>
        ))}
      </ul>
    </Note>
  )
}
