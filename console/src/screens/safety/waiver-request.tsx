import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { readCharters } from '../../../../src/contracts/routes/charters.ts'
import { listConditions } from '../../../../src/contracts/routes/conditions.ts'
import { readRequirements } from '../../../../src/contracts/routes/requirements.ts'
import { requestWaiver } from '../../../../src/contracts/routes/waivers.ts'
import { environments } from '../../../../src/kernel/vocabulary.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/safety.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { Id } from '../../ui/copy.tsx'
import { CheckField, RadioField, TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { requirementName } from '../../ui/requirement.ts'

const residuals = [1, 2, 3, 4, 5] as const

/** Asks that one gap be accepted for a time: it names the gap in the state in which it is now, and who must accept. */
export function WaiverRequest({
  release,
  environment: named,
  gap,
  onClose,
}: {
  readonly release: string
  readonly environment: string
  /** Id of the requirement that is not met. */
  readonly gap: string
  readonly onClose: () => void
}) {
  const environment = environments.find((name) => name === named) ?? 'prod'
  const read = useRead(readRequirements, { query: { release, environment } })
  return (
    <Loaded read={read}>
      {({ useCaseId, tier, items }) => {
        const item = items.find(({ id }) => id === gap)
        if (item === undefined || item.status === 'met') return <Note>{t('waiver.noGap')}</Note>
        return (
          <Form
            about={{ release, environment, gap, useCaseId, tier, why: item.why, digest: item.gap }}
            onClose={onClose}
          />
        )
      }}
    </Loaded>
  )
}

type About = {
  readonly release: string
  readonly environment: (typeof environments)[number]
  readonly gap: string
  readonly useCaseId: string
  readonly tier: number
  readonly why: string
  readonly digest: string
}

function Form({ about, onClose }: { readonly about: About; readonly onClose: () => void }) {
  const { release, environment, gap, useCaseId, tier, why, digest } = about
  const navigate = useNavigate()
  const [residual, setResidual] = useState<(typeof residuals)[number] | null>(null)
  const [days, setDays] = useState('30')
  const [justification, setJustification] = useState('')
  const [compensating, setCompensating] = useState<readonly string[]>([])
  const charters = useRead(readCharters, {})
  const conditions = useRead(listConditions, { query: { useCaseId, state: 'open', limit: 50 } })
  const inForce = charters.data?.versions.find((item) => item.digest === charters.data.inForce)
  const maxDays = inForce?.charter.waiver.maxDays[String(tier)] ?? null
  const lifetimeDays = Number(days)
  const isDays = Number.isInteger(lifetimeDays) && lifetimeDays >= 1
  const isTooLong = maxDays !== null && lifetimeDays > maxDays
  const whyNot =
    residual === null
      ? t('waiver.noResidual')
      : !isDays || isTooLong
        ? t('waiver.daysFault', { max: maxDays ?? 365 })
        : justification.trim() === ''
          ? t('waiver.noJustification')
          : null
  return (
    <CommandForm
      route={requestWaiver}
      verb={t('waiver.ask')}
      whyNot={whyNot}
      onClose={onClose}
      input={() =>
        residual !== null
          ? {
              body: {
                useCaseId,
                subject: { k: 'requirement' as const, id: gap },
                release,
                environment,
                residual,
                lifetimeDays,
                justification: justification.trim(),
                compensating: [...compensating],
              },
            }
          : null
      }
      onDone={({ id }) => void navigate({ to: `/waivers/${id}` })}
    >
      <p>
        {t('waiver.askText', {
          gap: requirementName(gap),
          why: tCode('requirementWhy', why),
          environment: tCode('environment', environment),
        })}
      </p>
      <p>
        {t('waiver.gapDigest')}: <Id id={digest} whole />
      </p>
      <RadioField
        label={t('waiver.residual')}
        value={residual === null ? null : String(residual)}
        onChange={(value) => setResidual(residuals.find((level) => String(level) === value) ?? null)}
        options={residuals.map((level) => ({
          value: String(level),
          label: tCode('residual', String(level)),
          help: tCode('residualAccepts', String(level)),
        }))}
      />
      <TextField
        label={t('waiver.lifetimeDays')}
        type="number"
        value={days}
        onChange={setDays}
        help={maxDays === null ? undefined : t('waiver.maxDays', { max: maxDays, tier })}
        fault={isDays && !isTooLong ? null : t('waiver.daysFault', { max: maxDays ?? 365 })}
      />
      <TextField
        label={t('waiver.justification')}
        value={justification}
        onChange={setJustification}
        rows={4}
        help={t('waiver.justificationHelp')}
      />
      {(conditions.data?.items.length ?? 0) > 0 && (
        <fieldset className="field">
          <legend>{t('waiver.compensating')}</legend>
          {conditions.data?.items.map(({ id, text }) => (
            <CheckField
              key={id}
              label={text ?? id}
              checked={compensating.includes(id)}
              onChange={(isOn) =>
                setCompensating(isOn ? [...compensating, id] : compensating.filter((item) => item !== id))
              }
            />
          ))}
        </fieldset>
      )}
    </CommandForm>
  )
}
