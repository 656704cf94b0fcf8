import { Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { readSetup } from '../../../../src/contracts/routes/identity.ts'
import { queries } from '../../api/client.ts'
import { useRead } from '../../api/reading.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { t } from '../../messages/identity.ts'
import { membersOf } from '../../ui/go.tsx'
import { Bones } from '../../ui/loaded.tsx'
import { Door } from './door.tsx'
import { SignInForm } from './sign-in-form.tsx'

const Cast = lazy(async () => ({ default: (await import('../demo/cast.tsx')).Cast }))

/**
 * The door. Afterwards one is where one wanted to go, within this console only. Before anybody can sign in, it leads to
 * where the first administrator is made.
 */
export function SignIn() {
  const navigate = useNavigate()
  const setup = useRead(readSetup, { query: {} })
  const isDemo = setup.data?.isDemo ?? false
  const { to = '/' } = useSearchMembers()
  const isOpen = setup.data?.isOpen ?? false
  useEffect(() => {
    if (isOpen) void navigate({ to: '/setup', replace: true })
  }, [isOpen, navigate])
  const enter = async () => {
    await queries.resetQueries()
    await navigate({ ...membersOf(isOwnPath(to) ? to : '/'), replace: true })
  }
  return (
    <Door title={t('signIn.title')} isWide={isDemo}>
      {isDemo && (
        <Suspense fallback={<Bones />}>
          <Cast onEntered={() => void enter()} />
        </Suspense>
      )}
      <SignInForm onSignedIn={() => void enter()} />
      <p>
        <Link to="/enrol">{t('signIn.haveToken')}</Link>
      </p>
      <p className="muted">{t('signIn.lost')}</p>
    </Door>
  )
}

/** UNTRUSTED: the address names where to go; only a path of this console is followed, and none back to this door. */
function isOwnPath(path: string): boolean {
  return /^\/(?![/\\]|sign-in)/.test(path)
}
