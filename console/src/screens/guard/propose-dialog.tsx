import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  allowableChannels,
  mostAllowedDays,
  proposeGuardChange,
} from '../../../../src/contracts/routes/guard-policies.ts'
import type { BodyInputOf } from '../../../../src/contracts/route.ts'
import { t, tCode } from '../../messages/guard.ts'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { RadioField, TextField } from '../../ui/field.tsx'
import { PlaceName } from '../../ui/place-name.tsx'

type Change = BodyInputOf<typeof proposeGuardChange>['change']

/** What a change is about: a text at a deployment, found by a rule. */
export type Proposed = {
  readonly deploymentId: string
  readonly rule: string
  readonly channel: string
  readonly window: string | null
}

/** Adds a change to the draft of the guard policy. Nothing takes effect by it. */
export function ProposeDialog({ of, onClose }: { readonly of: Proposed; readonly onClose: () => void }) {
  const { deploymentId: deployment, rule, channel, window } = of
  const navigate = useNavigate()
  const named = allowableChannels.find((name) => name === channel)
  const canAllow = window !== null && named !== undefined
  const [kind, setKind] = useState<'allow' | 'off'>(canAllow ? 'allow' : 'off')
  const [days, setDays] = useState('30')
  const count = Number(days)
  const isInRange = Number.isInteger(count) && count >= 1 && count <= mostAllowedDays
  const fault = kind === 'off' || isInRange ? null : t('propose.daysWrong', { most: mostAllowedDays })
  const change = (): Change | null => {
    if (kind === 'off') return { k: 'off', entry: { deployment, rule } }
    if (fault !== null || window === null || named === undefined) return null
    return { k: 'allow', entry: { deployment, channel: named, rule, window }, days: count }
  }
  return (
    <CommandDialog
      route={proposeGuardChange}
      input={() => {
        const asked = change()
        return asked === null ? null : { body: { change: asked } }
      }}
      title={t('propose.title')}
      says={t('propose.text')}
      verb={t('propose.verb')}
      isReady
      whyNot={fault}
      onClose={onClose}
      onDone={({ version }) => void navigate({ to: `/guard/policies/${version}` })}
    >
      <p>
        <code>{rule}</code>, {tCode('channel', channel)}, <PlaceName id={deployment} />
      </p>
      {canAllow ? (
        <RadioField
          label={t('propose.kind')}
          value={kind}
          onChange={(value) => setKind(value === 'off' ? 'off' : 'allow')}
          options={(['allow', 'off'] as const).map((value) => ({ value, label: t(`propose.${value}`) }))}
        />
      ) : (
        <p>{t('propose.onlyOff')}</p>
      )}
      {kind === 'allow' && (
        <TextField
          label={t('propose.days')}
          help={t('propose.daysHelp', { most: mostAllowedDays })}
          value={days}
          onChange={setDays}
          inputMode="numeric"
          fault={fault}
        />
      )}
    </CommandDialog>
  )
}
