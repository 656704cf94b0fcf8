import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { listDeployments, readSystem } from '../../../../src/contracts/routes/registry.ts'
import { requestOverride } from '../../../../src/contracts/routes/overrides.ts'
import { idFrom } from '../../../../src/kernel/ids.ts'
import { epochMs } from '../../../../src/kernel/instant.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/safety.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { Id, shortened } from '../../ui/copy.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { FunctionField, useOwnFunctions, type Fn } from './function-field.tsx'

/** A fresh id: the document that the passkey signs names it, so it is chosen here. */
function newOverrideId() {
  return idFrom('override', epochMs(Date.now()), crypto.getRandomValues(new Uint8Array(10)))
}

/** Asks for an emergency override. It does nothing until a second person of another function seconds it. */
export function OverrideRequest({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate()
  const own = useOwnFunctions()
  const [id] = useState(newOverrideId)
  const [deploymentId, setDeployment] = useState('')
  const [chosenRelease, setRelease] = useState('')
  const [capabilities, setCapabilities] = useState('')
  const [incidentId, setIncident] = useState('')
  const [hours, setHours] = useState('4')
  const [reason, setReason] = useState('')
  const [chosenFn, setFn] = useState<Fn | null>(null)
  const places = useRead(listDeployments, { query: { limit: 200 } })
  const place = places.data?.items.find((item) => item.id === deploymentId)
  const system = useRead(
    readSystem,
    { params: { id: place?.systemId ?? '' } },
    { enabled: place !== undefined },
  )
  const release = chosenRelease === '' ? (place?.desired ?? '') : chosenRelease
  const names = capabilities
    .split(/[\n,]/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const lifetimeHours = Number(hours)
  const fn = chosenFn ?? own[0] ?? null
  const whyNot =
    fn === null
      ? t('override.noFunction')
      : deploymentId === '' || release === ''
        ? t('override.noDeployment')
        : names.length === 0
          ? t('override.noCapability')
          : incidentId.trim() === ''
            ? t('override.noIncident')
            : reason.trim() === ''
              ? t('override.noReason')
              : null
  return (
    <CommandForm
      route={requestOverride}
      verb={t('override.ask')}
      kind="danger"
      whyNot={whyNot}
      onClose={onClose}
      input={() =>
        fn !== null
          ? {
              body: {
                id,
                deploymentId,
                release,
                capabilities: names,
                incidentId: incidentId.trim(),
                lifetimeHours,
                reason: reason.trim(),
                fn,
              },
            }
          : null
      }
      onDone={({ id: made }) => void navigate({ to: `/overrides/${made}` })}
    >
      <Note tone="attention">{t('override.askText')}</Note>
      <SelectField
        label={t('case.deployment')}
        value={deploymentId}
        onChange={(value) => {
          setDeployment(value)
          setRelease('')
        }}
        options={(places.data?.items ?? []).map((item) => ({
          value: item.id,
          label: `${shortened(item.id)} · ${tCode('environment', item.environment)} · ${tCode('state', item.op)}`,
        }))}
        empty={t('override.chooseDeployment')}
      />
      {place !== undefined && (
        <SelectField
          label={t('case.release')}
          value={release}
          onChange={setRelease}
          options={(system.data?.releases ?? []).map(({ digest, createdAt }) => ({
            value: digest,
            label: `${shortened(digest)} · ${createdAt.slice(0, 10)}`,
          }))}
          empty={t('openCase.chooseRelease')}
        />
      )}
      <TextField
        label={t('override.capabilities')}
        value={capabilities}
        onChange={setCapabilities}
        rows={3}
        help={t('override.capabilitiesHelp')}
        isMono
      />
      <div className="columns">
        <TextField label={t('override.incident')} value={incidentId} onChange={setIncident} />
        <TextField
          label={t('override.hours')}
          type="number"
          value={hours}
          onChange={setHours}
          help={t('override.hoursHelp')}
        />
      </div>
      <TextField label={t('override.reason')} value={reason} onChange={setReason} rows={3} />
      <FunctionField value={fn} onChange={setFn} />
      <p className="muted">
        {t('override.id')}: <Id id={id} whole />
      </p>
    </CommandForm>
  )
}
