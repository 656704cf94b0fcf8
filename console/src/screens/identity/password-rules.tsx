import { t } from '../../messages/identity.ts'
import { TextField } from '../../ui/field.tsx'

const minLength = 15
const maxLength = 128

/** What the server asks of a password, before it is typed. */
export function PasswordRules() {
  return <>{t('password.rules', { min: minLength, max: maxLength })}</>
}

/** What can be said of a password without the server; null when nothing stands against it so far. */
export function passwordFault(password: string): string | null {
  if (password === '') return t('field.missing')
  if (!password.isWellFormed() || /\p{Cc}/u.test(password)) return t('reason.PASSWORD_NOT_TEXT')
  const length = Array.from(password.normalize('NFKC')).length
  if (length < minLength) return t('password.short', { min: minLength, left: minLength - length })
  return length > maxLength ? t('reason.PASSWORD_TOO_LONG') : null
}

/** Whether both entries are the same. */
export function repetitionFault(password: string, repeated: string): string | null {
  return password === repeated ? null : t('password.differs')
}

/** A new password, typed twice. */
export function NewPassword({
  label = t('signIn.password'),
  password,
  onPassword,
  repeated,
  onRepeated,
  faults,
}: {
  readonly label?: string
  readonly password: string
  readonly onPassword: (text: string) => void
  readonly repeated: string
  readonly onRepeated: (text: string) => void
  /** What is said beside the fields now. */
  readonly faults: { readonly password: string | null; readonly repeated: string | null }
}) {
  return (
    <>
      <TextField
        label={label}
        help={<PasswordRules />}
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={onPassword}
        fault={faults.password}
      />
      <TextField
        label={t('password.repeat')}
        type="password"
        autoComplete="new-password"
        value={repeated}
        onChange={onRepeated}
        fault={faults.repeated}
      />
    </>
  )
}
