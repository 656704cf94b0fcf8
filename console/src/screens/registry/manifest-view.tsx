import { knows, t, tCode } from '../../messages/registry.ts'
import { Facts } from '../../ui/facts.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

const order = [
  'schema',
  'systemId',
  'models',
  'prompts',
  'tools',
  'dataSets',
  'capabilities',
  'regions',
  'externalSend',
  'params',
  'guardPolicy',
  'toolPolicy',
  'artefacts',
]

/** Members of models, tools, data sets and artefacts, as one reads them: what it is, what it does, where, which exactly. */
const memberOrder = [
  'provider',
  'model',
  'pin',
  'toolId',
  'id',
  'kind',
  'ref',
  'server',
  'effect',
  'autonomy',
  'dataClass',
  'region',
  'digest',
  'sha256',
  'definitionSha256',
  'weightsSha256',
]

/** A manifest field by field; one that this console does not know comes last. */
export function ManifestView({ manifest }: { readonly manifest: Readonly<Record<string, unknown>> }) {
  return (
    <Facts
      rows={inOrder(manifest, order).map(
        ([name, value]) => [tCode('manifest', name), <Value key={name} value={value} />] as const,
      )}
    />
  )
}

function inOrder(fields: object, order: readonly string[]): readonly (readonly [string, unknown])[] {
  const placeOf = (name: string) => order.indexOf(name) + 1 || order.length + 1
  return Object.entries(fields).toSorted(([a], [b]) => placeOf(a) - placeOf(b))
}

function Value({ value }: { readonly value: unknown }) {
  if (Array.isArray(value)) {
    if (value.length === 0) return <span className="muted">{t('common.none')}</span>
    return (
      <ul className="reasons">
        {value.map((item) => (
          <li key={JSON.stringify(item)}>
            <Item item={item} />
          </li>
        ))}
      </ul>
    )
  }
  return <Item item={value} />
}

function Item({ item }: { readonly item: unknown }) {
  if (item === true) return t('common.yes')
  if (item === false) return t('common.no')
  if (typeof item === 'object' && item !== null) {
    const members = inOrder(item, memberOrder)
    if (members.length === 0) return <span className="muted">{t('common.none')}</span>
    return members.map(([name, value], i) => (
      <span key={name}>
        {i > 0 && ' · '}
        <span className="muted">{knows('member', name) ? tCode('member', name) : name}</span>{' '}
        {value === null ? (
          t(name === 'pin' ? 'member.noPin' : 'common.none')
        ) : (
          <code>
            <Untrusted text={typeof value === 'string' ? value : JSON.stringify(value)} />
          </code>
        )}
      </span>
    ))
  }
  return (
    <code>
      <Untrusted text={typeof item === 'string' ? item : JSON.stringify(item)} />
    </code>
  )
}
