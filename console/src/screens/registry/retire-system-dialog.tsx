import { useState } from 'react'
import { retireSystem } from '../../../../src/contracts/routes/registry.ts'
import { t, tCode } from '../../messages/registry.ts'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { SelectField } from '../../ui/field.tsx'
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
  return (
    <CommandDialog
      route={retireSystem}
      input={() => ({ params: { id: system.id }, body: { reasonCode }, ifMatch: system.revision })}
      title={t('system.retireTitle')}
      says={
        <>
          <p>
            <Untrusted text={system.name} /> <code>{system.id}</code>
          </p>
          <p>{t('system.retireText', { count: system.places.length })}</p>
        </>
      }
      verb={t('system.retire')}
      told={t('system.retired')}
      isDanger
      onClose={onClose}
    >
      <SelectField
        label={t('stop.reasonCode')}
        value={reasonCode}
        onChange={setReasonCode}
        options={codes.map((code) => ({ value: code, label: tCode('place.reason', code) }))}
      />
    </CommandDialog>
  )
}
