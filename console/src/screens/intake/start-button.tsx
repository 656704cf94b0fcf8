import { useNavigate } from '@tanstack/react-router'
import { useMe } from '../../api/session.ts'
import { t } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'

/** Begins a request; to whoever may not, it says who can. */
export function StartButton() {
  const navigate = useNavigate()
  const mayStart = useMe().data?.permissions.includes('useCase.start')
  return (
    <Button
      kind="primary"
      onClick={() => void navigate({ to: '/intake/new' })}
      whyNot={mayStart === false ? t('intake.startOthers') : null}
    >
      {t('intake.startOne')}
    </Button>
  )
}
