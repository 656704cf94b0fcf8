import { useNavigate } from '@tanstack/react-router'
import { useSearchMembers } from '../../frame/location.ts'
import { t } from '../../messages/text.ts'
import { SignInForm } from './sign-in-form.tsx'

/** The door. Afterwards one is where one wanted to go, within this console only. */
export function SignIn() {
  const navigate = useNavigate()
  const { to = '/' } = useSearchMembers()
  return (
    <div className="alone">
      <main>
        <h1>Countersign</h1>
        <h2>{t('signIn.title')}</h2>
        <SignInForm onSignedIn={() => void navigate({ to: isOwnPath(to) ? to : '/', replace: true })} />
      </main>
    </div>
  )
}

/** UNTRUSTED: the address names where to go; only a path of this console is followed. */
function isOwnPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path)
}
