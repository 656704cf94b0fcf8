import { t } from '../../messages/people.ts'
import { absolute, useAppearance } from '../../ui/clock.ts'
import { ShownOnce } from '../../ui/shown-once.tsx'

/** A token with which somebody sets their credentials, shown this one time, as text and as link. */
export function Invitation({ token, expiresAt }: { readonly token: string; readonly expiresAt: string }) {
  const { zone } = useAppearance()
  return (
    <div className="stack">
      <h3>{t('people.invite')}</h3>
      <ShownOnce text={`${window.location.origin}/enrol#${token}`} label={t('people.invite')} />
      <h3>{t('people.token')}</h3>
      <ShownOnce text={token} label={t('people.token')} />
      <p>{t('people.inviteHow')}</p>
      <p>{t('people.expires', { time: absolute(new Date(expiresAt), zone) })}</p>
    </div>
  )
}
