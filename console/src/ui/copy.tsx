import { useState } from 'react'
import { t } from '../messages/text.ts'

/** An identifier or digest: short with copy, or whole where it is decided upon. */
export function Id({ id, whole = false }: { readonly id: string; readonly whole?: boolean }) {
  const [isCopied, setCopied] = useState(false)
  const copy = () => {
    void navigator.clipboard.writeText(id).then(() => setCopied(true))
    setTimeout(() => setCopied(false), 1_500)
  }
  return (
    <span className={whole ? 'id whole' : 'id'}>
      <code title={id}>{whole ? id : shortened(id)}</code>
      <button type="button" className="button quiet" onClick={copy} aria-label={`${t('common.copy')} ${id}`}>
        {isCopied ? t('common.copied') : <CopyShape />}
      </button>
    </span>
  )
}

/** The prefix and the last characters of an id, the first ones of a digest. */
export function shortened(id: string): string {
  if (id.startsWith('sha256:')) return `${id.slice(7, 15)}…`
  const [prefix = '', rest = ''] = id.split('_')
  return rest.length > 8 ? `${prefix}_…${rest.slice(-6)}` : id
}

function CopyShape() {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <rect x="3.5" y="3.5" width="7" height="7" fill="none" stroke="currentColor" />
      <path d="M1.5 8.5v-7h7" fill="none" stroke="currentColor" />
    </svg>
  )
}
