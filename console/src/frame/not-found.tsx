import { Link } from '@tanstack/react-router'
import { t } from '../messages/text.ts'
import { Screen } from '../ui/screen.tsx'

/** An address that names no screen. */
export function NotFound() {
  return (
    <Screen title={t('frame.notFound')}>
      <p>{t('frame.notFoundText')}</p>
      <p>
        <Link to="/">{t('rail.overview')}</Link>
      </p>
    </Screen>
  )
}
