import { t } from '../../messages/gateway.ts'
import { PlaceName } from '../../ui/place-name.tsx'

/** The deployment of a call; a key that nobody knows belongs to none. */
export function CalledPlace({ id }: { readonly id: string | null }) {
  return id === null ? <span className="muted">{t('gateway.nobody')}</span> : <PlaceName id={id} />
}
