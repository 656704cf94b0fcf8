import { useState } from 'react'
import { orderStop } from '../../../../src/contracts/routes/stops.ts'
import type { CallInput } from '../../../../src/contracts/client.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/safety.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { RadioField, TextField } from '../../ui/field.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

/** What is to be stopped, and its name in words. */
export type StopTarget = {
  readonly scope: 'route' | 'deployment' | 'system' | 'use_case' | 'installation'
  readonly targetId: string
  /** Title of the use case; empty for the installation. */
  readonly name: string
  /** Of a deployment or route. */
  readonly environment?: string
}

/** Reasons that a person gives; the others are orders of the system. */
export const stopReasons = [
  'incident',
  'red_team_failure',
  'key_compromise',
  'digest_mismatch',
  'check_failed',
  'condition_breached',
  'vendor_notice',
  'score',
  'prohibited',
  'person',
] as const
type StopReason = (typeof stopReasons)[number]

/** *Stop* in the header of a record: the button, the key `S` and the dialog that both open. */
export function StopButton({
  target,
  whyNot,
}: {
  readonly target: StopTarget
  readonly whyNot?: string | null
}) {
  const [isOpen, setOpen] = useState(false)
  const isOff = whyNot !== undefined && whyNot !== null
  const label = tCode('stop.verb', target.scope)
  return (
    <>
      <Button kind="danger" whyNot={whyNot} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {!isOff && <StopKey label={label} onPress={() => setOpen(true)} />}
      {isOpen && <StopDialog target={target} onClose={() => setOpen(false)} />}
    </>
  )
}

function StopKey({ label, onPress }: { readonly label: string; readonly onPress: () => void }) {
  usePageCommands([{ label, run: onPress, key: 'S' }])
  return null
}

/** Says what stops at once and who can start it again; one person and one reason code are enough. */
export function StopDialog({
  target,
  onClose,
}: {
  readonly target: StopTarget
  readonly onClose: () => void
}) {
  const [reasonCode, setReasonCode] = useState<StopReason>('incident')
  const [reason, setReason] = useState('')
  const { scope, targetId, name, environment } = target
  const text = reason.trim()
  const body = { scope, targetId, reasonCode, ...(text === '' ? {} : { reason: text }) }
  return (
    <CommandDialog
      route={orderStop}
      input={() => ({ body }) as CallInput<typeof orderStop>} // scope and id are of one kind
      title={tCode('stop.title', scope)}
      verb={tCode('stop.verb', scope)}
      told={t('stop.done')}
      isDanger
      isReady={scope !== 'installation'} // two keys stop: the one that opens this, and Enter; never everything
      onClose={onClose}
    >
      <Facts
        rows={[
          [
            t('stop.target'),
            <>
              {name === '' ? t('stop.everything') : <Untrusted text={name} />}
              {environment !== undefined && `, ${tCode('environment', environment)}`}
              <div>
                <code>{targetId}</code>
              </div>
            </>,
          ],
          [t('stop.effect'), tCode('stop.effectOf', scope)],
          [t('stop.again'), tCode('stop.againOf', scope === 'installation' ? 'installation' : 'other')],
        ]}
      />
      <RadioField
        label={t('stop.reasonCode')}
        value={reasonCode}
        onChange={(value) => setReasonCode(value as StopReason)} // one of the options
        options={stopReasons.map((code) => ({ value: code, label: tCode('stop.reason', code) }))}
      />
      <TextField
        label={t('stop.text')}
        help={t('stop.textHelp')}
        value={reason}
        onChange={setReason}
        rows={3}
        isOptional
      />
    </CommandDialog>
  )
}
