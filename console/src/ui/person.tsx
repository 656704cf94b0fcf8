import { readPerson } from '../../../src/contracts/routes/people.ts'
import { useRead } from '../api/reading.ts'
import { useMe } from '../api/session.ts'
import { t } from '../messages/text.ts'
import { shortened } from './copy.tsx'
import { Untrusted } from './untrusted.tsx'

/** A person by name; by pseudonym while it loads, where it may not be read, or once they are erased. */
export function Person({ id }: { readonly id: string }) {
  const me = useMe().data
  const read = useRead(readPerson, { params: { id } })
  const isOwn = me?.person === id
  if (read.data?.state === 'erased')
    return (
      <span className="muted" title={id}>
        {t('common.erasedPerson')} {shortened(id)}
      </span>
    )
  const { name } = read.data ?? { name: null }
  return (
    <span title={id}>
      {name === null ? <code>{shortened(id)}</code> : <Untrusted text={name} />}
      {isOwn && <span className="muted"> ({t('common.you')})</span>}
    </span>
  )
}

/** Whoever acted: a person, a service account or the system, also as the log writes them: `p:usr_…`. */
export function Actor({ id }: { readonly id: string }) {
  const bare = id.replace(/^(p|svc):/, '')
  if (bare.startsWith('usr_')) return <Person id={bare} />
  if (bare.startsWith('sys:')) return <span title={id}>{t('common.product')}</span>
  return <code title={id}>{shortened(bare)}</code>
}
