import { Link } from '@tanstack/react-router'
import { t } from '../../messages/registry.ts'
import { shortened } from '../../ui/copy.tsx'
import { Status } from '../../ui/status.tsx'

/** A release by the first characters of its digest; unknown and none look like what they are. */
export function ReleaseLink({
  digest,
  whole = false,
}: {
  readonly digest: string | null
  readonly whole?: boolean
}) {
  if (digest === null) return <span className="muted">{t('common.none')}</span>
  if (digest === 'unknown') return <Status state="unknown" />
  return (
    <Link to={`/releases/${digest}`} title={digest}>
      <code className="whole">{whole ? digest : shortened(digest)}</code>
    </Link>
  )
}
