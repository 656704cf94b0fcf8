import { useState } from 'react'
import { retireSystem } from '../../../../src/contracts/routes/registry.ts'
import { useCommand } from '../../api/command.ts'
import { t, tCode } from '../../messages/registry.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { SelectField } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { SystemView } from './system.tsx'

const codes = ['end_of_life', 'replaced', 'no_longer_needed'] as const

/** Ends a system for good: its places are blocked from then on. */
export function RetireSystemDialog({
  system,
  onClose,
}: {
  readonly system: SystemView
  readonly onClose: () => void
}) {
  const [reasonCode, setReasonCode] = useState<string>(codes[0])
  const { state, send } = useCommand(retireSystem)
  const retire = async () => {
    const done = await send({ params: { id: system.id }, body: { reasonCode }, ifMatch: system.revision })
    if (done === null) return
    toast(t('system.retired'))
    onClose()
  }
  return (
    <ActDialog
      title={t('system.retireTitle')}
      verb={t('system.retire')}
      kind="danger"
      state={state}
      onSend={() => void retire()}
      onClose={onClose}
    >
      <p>
        <Untrusted text={system.name} /> <code>{system.id}</code>
      </p>
      <p>{t('system.retireText', { count: system.places.length })}</p>
      <SelectField
        label={t('stop.reasonCode')}
        value={reasonCode}
        onChange={setReasonCode}
        options={codes.map((code) => ({ value: code, label: tCode('place.reason', code) }))}
      />
    </ActDialog>
  )
}
