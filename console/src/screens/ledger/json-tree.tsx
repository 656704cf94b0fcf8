import { t } from '../../messages/ledger.ts'
import { Untrusted } from '../../ui/untrusted.tsx'

/** JSON as a tree of its members; every text in it is somebody else's. */
export function JsonTree({ value }: { readonly value: unknown }) {
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
  if (typeof value === 'string') return <Untrusted text={value} />
  if (value === null || value === undefined) return <span className="muted">{t('common.none')}</span>
  return <code>{JSON.stringify(value)}</code>
}

function Member({ name, value }: { readonly name: string; readonly value: unknown }) {
  const isDeep = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  if (!isDeep)
    return (
      <>
        <code className="muted">{name}</code> <JsonTree value={value} />
      </>
    )
  return (
    <details open>
      <summary>
        <code>{name}</code>
      </summary>
      <JsonTree value={value} />
    </details>
  )
}
