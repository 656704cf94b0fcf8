import { useState } from 'react'
import { changePassword } from '../../../../src/contracts/routes/identity.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/identity.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import { NewPassword, passwordFault, repetitionFault } from './password-rules.tsx'

/** Another password for somebody signed in; the first one for whoever has none. */
export function PasswordDialog({
  hasOne,
  onClose,
}: {
  readonly hasOne: boolean
  readonly onClose: () => void
}) {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [repeated, setRepeated] = useState('')
  const change = useCommand(changePassword, () => {
    toast(t('account.ended'))
    onClose()
  })
  const fault = passwordFault(password)
  const repetition = repetitionFault(password, repeated)
  const isOpen = hasOne && current === ''
  const title = t(hasOne ? 'account.passwordChange' : 'account.passwordSetVerb')
  return (
    <ActDialog
      title={title}
      verb={title}
      whyNot={isOpen ? `${t('account.passwordCurrent')}: ${t('field.missing')}` : (fault ?? repetition)}
      state={change.state}
      onSend={() => void change.send({ body: { password, ...(hasOne ? { current } : {}) } })}
      onClose={onClose}
    >
      <p>{t('account.passwordChangeText')}</p>
      {hasOne && (
        <TextField
          label={t('account.passwordCurrent')}
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={setCurrent}
        />
      )}
      <NewPassword
        label={t('account.passwordNew')}
        password={password}
        onPassword={setPassword}
        repeated={repeated}
        onRepeated={setRepeated}
        faults={{
          password: password === '' ? null : fault,
          repeated: repeated === '' ? null : repetition,
        }}
      />
    </ActDialog>
  )
}
