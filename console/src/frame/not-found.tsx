import { Link } from '@tanstack/react-router'
import { t } from '../messages/text.ts'
import { Screen } from '../ui/screen.tsx'

/** An address that names no screen. */
export function NotFound() {
  return (
    <div className="alone">
      <main>
        <Screen title={t('frame.notFound')}>
          <p>{t('frame.notFoundText')}</p>
          <p>
            <Link to="/">{t('frame.toOverview')}</Link>
          </p>
        </Screen>
      </main>
    </div>
  )
}
