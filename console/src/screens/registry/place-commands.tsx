import { useState } from 'react'
import { commandDeployment } from '../../../../src/contracts/routes/registry.ts'
import { useCommand } from '../../api/command.ts'
import { t, tCode } from '../../messages/registry.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { RadioField, SelectField, TextField } from '../../ui/field.tsx'
import { Menu } from '../../ui/menu.tsx'
import { toast } from '../../ui/toast.tsx'
import { StopButton } from '../safety/stop-dialog.tsx'
import { DeployDialog } from './deploy-dialog.tsx'
import type { Place } from './place-panel.tsx'

type Command = 'deploy' | 'promote' | 'observe' | 'quarantine' | 'retire'
const order = ['shadow', 'canary', 'live'] as const

/** What can be done with a place. Ending needs one person; starting needs a live grant. */
export function PlaceCommands({ place }: { readonly place: Place }) {
  const [open, setOpen] = useState<Command | null>(null)
  const { op, desired } = place
  const isOver = op === 'retired' ? t('place.isRetired') : null
  const out = op === 'quarantined' ? t('place.isQuarantined') : isOver
  const isHighest = op === 'live' ? t('place.isLive') : null
  const close = () => setOpen(null)
  return (
    <div className="row no-print">
      <Button onClick={() => setOpen('deploy')} whyNot={out}>
        {t('place.deploy')}
      </Button>
      <Button
        onClick={() => setOpen('promote')}
        whyNot={out ?? (desired === null ? t('place.nothingDeployed') : isHighest)}
      >
        {t('place.promote')}
      </Button>
      <Button onClick={() => setOpen('observe')} whyNot={isOver}>
        {t('place.observe')}
      </Button>
      <Menu
        label={t('place.end')}
        entries={[
          { label: t('place.quarantine'), onSelect: () => setOpen('quarantine'), whyNot: out },
          { label: t('place.retire'), onSelect: () => setOpen('retire'), whyNot: isOver },
        ]}
      />
      <StopButton
        target={{
          scope: 'deployment',
          targetId: place.id,
          name: place.title,
          environment: place.environment,
        }}
        whyNot={isOver}
      />
      {open === 'deploy' && <DeployDialog place={place} onClose={close} />}
      {open === 'promote' && <PromoteDialog place={place} onClose={close} />}
      {open === 'observe' && <ObserveDialog place={place} onClose={close} />}
      {(open === 'quarantine' || open === 'retire') && (
        <EndDialog place={place} command={open} onClose={close} />
      )}
    </div>
  )
}

type DialogProps = { readonly place: Place; readonly onClose: () => void }

/** A step from shadow to canary to live, with the release that is there. */
function PromoteDialog({ place, onClose }: DialogProps) {
  const later = order.slice(order.findIndex((op) => op === place.op) + 1)
  const [op, setOp] = useState<(typeof order)[number]>(later[0] ?? 'live')
  const { state, send } = useCommand(commandDeployment)
  const promote = async () => {
    const done = await send({ params: { id: place.id }, body: { c: 'promote', op }, ifMatch: place.revision })
    if (done === null) return
    toast(t('place.promoted'))
    onClose()
  }
  return (
    <ActDialog
      title={t('place.promoteTitle')}
      verb={t('place.promote')}
      state={state}
      onSend={() => void promote()}
      onClose={onClose}
    >
      <p>{t('place.promoteText')}</p>
      <RadioField
        label={t('place.op')}
        value={op}
        onChange={(value) => setOp(value as typeof op)} // one of the options
        options={later.map((name) => ({
          value: name,
          label: tCode('state', name),
          help: tCode('place.opHelp', name),
        }))}
      />
    </ActDialog>
  )
}

/** Tells what really runs; the word of a person counts like that of a monitor, with its source. */
function ObserveDialog({ place, onClose }: DialogProps) {
  const [observed, setObserved] = useState<string>(place.desired ?? 'unknown')
  const [source, setSource] = useState('')
  const { state, send } = useCommand(commandDeployment)
  const tell = async () => {
    const body = { c: 'observe', observed: observed as 'unknown', source } as const // a digest is judged by the server
    const done = await send({ params: { id: place.id }, body, ifMatch: place.revision })
    if (done === null) return
    toast(t('place.observedDone'))
    onClose()
  }
  return (
    <ActDialog
      title={t('place.observeTitle')}
      verb={t('place.observe')}
      whyNot={source.trim() === '' ? t('place.sourceMissing') : null}
      state={state}
      onSend={() => void tell()}
      onClose={onClose}
    >
      <p>{t('place.observeText')}</p>
      <TextField
        label={t('place.observedDigest')}
        help={t('place.observedHelp')}
        value={observed}
        onChange={setObserved}
        isMono
      />
      <TextField label={t('place.source')} help={t('place.sourceHelp')} value={source} onChange={setSource} />
    </ActDialog>
  )
}

const reasonsFor = {
  quarantine: ['suspicious_behaviour', 'unknown_release', 'maintenance', 'precaution'],
  retire: ['end_of_life', 'replaced', 'no_longer_needed'],
} as const

/** Takes a place out of service. One person is enough; what follows is said before. */
function EndDialog({ place, command, onClose }: DialogProps & { readonly command: 'quarantine' | 'retire' }) {
  const [reasonCode, setReasonCode] = useState<string>(reasonsFor[command][0])
  const { state, send } = useCommand(commandDeployment)
  const end = async () => {
    const body = { c: command, reasonCode }
    const done = await send({ params: { id: place.id }, body, ifMatch: place.revision })
    if (done === null) return
    toast(tCode('place.ended', command))
    onClose()
  }
  return (
    <ActDialog
      title={tCode('place.endTitle', command)}
      verb={tCode('place.endVerb', command)}
      kind="danger"
      state={state}
      onSend={() => void end()}
      onClose={onClose}
    >
      <p>{tCode('place.endText', command)}</p>
      <SelectField
        label={t('stop.reasonCode')}
        value={reasonCode}
        onChange={setReasonCode}
        options={reasonsFor[command].map((code) => ({ value: code, label: tCode('place.reason', code) }))}
      />
    </ActDialog>
  )
}
