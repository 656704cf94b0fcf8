import { t } from '../../messages/ledger.ts'
import { Person } from '../../ui/person.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

const instants = /(^|\.)(at|due|until)$|(At|Due|Until|Before|By)$/
/** Longer ones are folded at first: a charter has a thousand lines. */
const shownOpen = 2_000

/** A value that may be longer than a screen: folded then, under the words that open it. */
export function FoldedTree({
  value,
  name,
  words,
}: {
  readonly value: unknown
  readonly name: string
  readonly words: string
}) {
  if (JSON.stringify(value ?? null).length <= shownOpen) return <JsonTree name={name} value={value} />
  return (
    <details>
      <summary>{words}</summary>
      <JsonTree name={name} value={value} />
    </details>
  )
}
const [earliest, latest] = [1_000_000_000_000, 100_000_000_000_000] // ms; what is smaller counts something

/**
 * JSON as a tree of its members; every text in it is somebody else's. What the member is called tells an instant from a
 * number: its date is put beside it, as the name is beside the pseudonym of a person.
 */
export function JsonTree({ value, name = '' }: { readonly value: unknown; readonly name?: string }) {
  if (Array.isArray(value))
    return value.length === 0 ? (
      <code>[]</code>
    ) : (
      <ol className="json">
        {value.map((item: unknown, i) => (
          // oxlint-disable-next-line react/no-array-index-key -- items of one recorded value have no identity but their place
          <li key={i}>
            <Member name={String(i)} value={item} />
          </li>
        ))}
      </ol>
    )
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
    return members.length === 0 ? (
      <code>{'{}'}</code>
    ) : (
      <ul className="json">
        {members.map(([name, item]) => (
          <li key={name}>
            <Member name={name} value={item} />
          </li>
        ))}
      </ul>
    )
  }
  if (typeof value === 'string')
    return (
      <>
        <Untrusted text={value} />
        {/^usr_[0-9a-z]{26}$/.test(value) && (
          <span className="muted">
            {' '}
            <Person id={value} />
          </span>
        )}
      </>
    )
  if (typeof value === 'number' && value > earliest && value < latest && instants.test(name))
    return (
      <>
        <code>{value}</code>{' '}
        <span className="muted">
          <Time at={new Date(value).toISOString()} both />
        </span>
      </>
    )
  if (value === null || value === undefined) return <span className="muted">{t('common.none')}</span>
  return <code>{JSON.stringify(value)}</code>
}

function Member({ name, value }: { readonly name: string; readonly value: unknown }) {
  const isDeep = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  if (!isDeep)
    return (
      <>
        <code className="muted">{name}</code> <JsonTree name={name} value={value} />
      </>
    )
  return (
    <details open={JSON.stringify(value).length <= shownOpen}>
      <summary>
        <code>{name}</code>
      </summary>
      <JsonTree value={value} />
    </details>
  )
}
