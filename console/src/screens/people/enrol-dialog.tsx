import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { enrolPerson } from '../../../../src/contracts/routes/people.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/people.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Invitation } from './invitation.tsx'
import { emptyRole, RoleFields, roleGap, roleOf, type RoleDraft } from './role-fields.tsx'
import { unitOptions, useUnits } from './unit-name.tsx'

/** Enrols somebody, and shows once the token with which they set their credentials. */
export function EnrolDialog({ onClose }: { readonly onClose: () => void }) {
  const units = useUnits()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [unit, setUnit] = useState('')
  const [roles, setRoles] = useState<readonly RoleDraft[]>([])
  const [done, setDone] = useState<ReplyOf<typeof enrolPerson> | null>(null)
  const enrol = useCommand(enrolPerson, setDone)
  const gap =
    name.trim() === '' || !email.includes('@')
      ? t('people.enrolGap')
      : (roles.map(roleGap).find((missing) => missing !== null) ?? null)
  if (done !== null)
    return (
      <Dialog
        open
        onClose={onClose}
        title={t('people.enrolledTitle')}
        footer={
          <>
            <Button onClick={() => void navigate({ to: `/people/${done.id}` })}>{t('people.open')}</Button>
            <Button kind="primary" onClick={onClose}>
              {t('common.close')}
            </Button>
          </>
        }
      >
        <Invitation {...done} />
      </Dialog>
    )
  const send = () =>
    void enrol.send({
      body: {
        name: name.trim(),
        email: email.trim(),
        unit: unit === '' ? null : unit,
        roles: roles.map(roleOf),
      },
    })
  return (
    <ActDialog
      title={t('people.enrol')}
      verb={t('people.enrol')}
      whyNot={gap}
      state={enrol.state}
      onSend={send}
      onClose={onClose}
    >
      <p>{t('people.enrolText')}</p>
      <TextField label={t('people.name')} value={name} onChange={setName} />
      <TextField label={t('signIn.email')} type="email" value={email} onChange={setEmail} />
      <SelectField
        label={t('people.unit')}
        isOptional
        value={unit}
        onChange={setUnit}
        options={unitOptions(units)}
        empty={t('people.noUnit')}
      />
      {roles.map((role, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- drafts have nothing but their place
        <div key={i} className="stack">
          <RoleFields value={role} onChange={(next) => setRoles(roles.with(i, next))} />
          <div>
            <Button kind="quiet" onClick={() => setRoles(roles.toSpliced(i, 1))}>
              {t('people.removeRole')}
            </Button>
          </div>
        </div>
      ))}
      <div>
        <Button onClick={() => setRoles([...roles, emptyRole])}>{t('people.addRole')}</Button>
      </div>
      {roles.some(({ role }) => role === 'admin' || role === 'incident_commander') && (
        <p className="muted">{t('people.grantGuarded')}</p>
      )}
    </ActDialog>
  )
}
