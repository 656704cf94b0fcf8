import { useState } from 'react'
import { commandDeployment } from '../../../../src/contracts/routes/registry.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { RadioField, SelectField, TextField } from '../../ui/field.tsx'
import { Menu } from '../../ui/menu.tsx'
import { StopButton } from '../safety/stop-dialog.tsx'
import { DeployDialog } from './deploy-dialog.tsx'
import { to } from './deployment-command.ts'
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
  return (
    <CommandDialog
      route={commandDeployment}
      input={() => to(place, { c: 'promote', op })}
      title={t('place.promoteTitle')}
      says={t('place.promoteText')}
      verb={t('place.promote')}
      told={t('place.promoted')}
      onClose={onClose}
    >
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
    </CommandDialog>
  )
}

/** Tells what really runs; the word of a person counts like that of a monitor, with its source. */
function ObserveDialog({ place, onClose }: DialogProps) {
  const [observed, setObserved] = useState<string>(place.desired ?? 'unknown')
  const [source, setSource] = useState('')
  return (
    <CommandDialog
      route={commandDeployment}
      input={() => to(place, { c: 'observe', observed, source })}
      title={t('place.observeTitle')}
      says={t('place.observeText')}
      verb={t('place.observe')}
      told={t('place.observedDone')}
      whyNot={source.trim() === '' ? t('place.sourceMissing') : null}
      onClose={onClose}
    >
      <TextField
        label={t('place.observedDigest')}
        help={t('place.observedHelp')}
        value={observed}
        onChange={setObserved}
        isMono
      />
      <TextField label={t('place.source')} help={t('place.sourceHelp')} value={source} onChange={setSource} />
    </CommandDialog>
  )
}

const reasonsFor = {
  quarantine: ['suspicious_behaviour', 'unknown_release', 'maintenance', 'precaution'],
  retire: ['end_of_life', 'replaced', 'no_longer_needed'],
} as const

/** Takes a place out of service. One person is enough; what follows is said before. */
function EndDialog({ place, command, onClose }: DialogProps & { readonly command: 'quarantine' | 'retire' }) {
  const [reasonCode, setReasonCode] = useState<string>(reasonsFor[command][0])
  return (
    <CommandDialog
      route={commandDeployment}
      input={() => to(place, { c: command, reasonCode })}
      title={tCode('place.endTitle', command)}
      says={tCode('place.endText', command)}
      verb={tCode('place.endVerb', command)}
      told={tCode('place.ended', command)}
      isDanger
      onClose={onClose}
    >
      <SelectField
        label={t('stop.reasonCode')}
        value={reasonCode}
        onChange={setReasonCode}
        options={reasonsFor[command].map((code) => ({ value: code, label: tCode('place.reason', code) }))}
      />
    </CommandDialog>
  )
}
