import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  createServiceAccount,
  servicePermissionNames,
} from '../../../../src/contracts/routes/service-accounts.ts'
import { useCommand } from '../../api/command.ts'
import { t, tCode } from '../../messages/people.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { CheckField, TextField } from '../../ui/field.tsx'
import { UseCaseField } from './use-case-field.tsx'

/** Creates an account for a program, with what it may do, where, and from which networks. */
export function CreateServiceDialog({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [permissions, setPermissions] = useState<readonly string[]>([])
  const [useCase, setUseCase] = useState('')
  const [networks, setNetworks] = useState('')
  const create = useCommand(
    createServiceAccount,
    ({ id }) => void navigate({ to: `/service-accounts/${id}` }),
  )
  const body = {
    name: name.trim(),
    permissions: [...permissions],
    useCaseId: useCase === '' ? null : useCase,
    cidrs: networks.split(/[\s,]+/).filter((cidr) => cidr !== ''),
  }
  const gap =
    body.name === '' ? t('service.nameGap') : permissions.length === 0 ? t('service.permissionsGap') : null
  return (
    <ActDialog
      title={t('service.create')}
      verb={t('service.create')}
      whyNot={gap}
      state={create.state}
      onSend={() => void create.send({ body })}
      onClose={onClose}
    >
      <p>{t('service.createText')}</p>
      <TextField label={t('service.name')} value={name} onChange={setName} />
      <fieldset className="field">
        <legend>{t('service.permissions')}</legend>
        {servicePermissionNames.map((permission) => (
          <CheckField
            key={permission}
            label={tCode('permission', permission)}
            checked={permissions.includes(permission)}
            onChange={(isOn) =>
              setPermissions(
                servicePermissionNames.filter((one) =>
                  one === permission ? isOn : permissions.includes(one),
                ),
              )
            }
          />
        ))}
      </fieldset>
      <UseCaseField
        value={useCase}
        onChange={setUseCase}
        help={t('service.scopeHelp')}
        isOptional
        empty={t('service.everyUseCase')}
      />
      <TextField
        label={t('service.networks')}
        help={t('service.networksHelp')}
        isOptional
        rows={2}
        value={networks}
        onChange={setNetworks}
        isMono
      />
    </ActDialog>
  )
}
