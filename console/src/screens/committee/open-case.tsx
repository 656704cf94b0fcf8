import { useNavigate, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { openCase } from '../../../../src/contracts/routes/cases.ts'
import { listUseCases } from '../../../../src/contracts/routes/intake.ts'
import { listDeployments, listSystems, readSystem } from '../../../../src/contracts/routes/registry.ts'
import { readRequirements } from '../../../../src/contracts/routes/requirements.ts'
import { listStops } from '../../../../src/contracts/routes/stops.ts'
import { environments } from '../../../../src/kernel/vocabulary.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/committee.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { Id, shortened } from '../../ui/copy.tsx'
import { CheckField, SelectField, TextField } from '../../ui/field.tsx'
import { isDigestText } from '../../ui/file-digest.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { requirementName } from '../../ui/requirement.ts'

const kinds = ['initial', 'renewal', 'change', 'resume', 'veto_override'] as const
type Kind = (typeof kinds)[number]
type Environment = (typeof environments)[number]

/** Opens a case on a release: what it asks the committee for, and what it will wait for. */
export function OpenCase() {
  const navigate = useNavigate()
  const search = useRouterState({
    select: ({ location }) => location.search as Readonly<Record<string, string>>, // plain text by name, by `router.tsx`
  })
  const [release, setRelease] = useState(search['release'] ?? '')
  const [kind, setKind] = useState<Kind>(kinds.find((name) => name === search['kind']) ?? 'initial')
  const [environment, setEnvironment] = useState<Environment>(
    environments.find((name) => name === search['environment']) ?? 'prod',
  )
  const [stops, setStops] = useState<readonly string[]>([])
  const [deploymentId, setDeployment] = useState('')
  const isWhole = isDigestText(release)
  const isResume = kind === 'resume'
  const whyNot = !isWhole
    ? t('openCase.noRelease')
    : isResume && stops.length === 0 && deploymentId === ''
      ? t('openCase.noStop')
      : null
  return (
    <Screen title={t('openCase.title')} answer={t('openCase.answer')}>
      <div className="columns">
        <CommandForm
          route={openCase}
          verb={t('case.open')}
          whyNot={whyNot}
          input={() => ({
            body: {
              kind,
              release,
              environment,
              ...(isResume && stops.length > 0 ? { stops: [...stops] } : {}),
              ...(isResume && deploymentId !== '' ? { deploymentId } : {}),
            },
          })}
          onDone={({ id }) => void navigate({ to: `/cases/${id}` })}
        >
          <ReleasePicker onPick={setRelease} />
          <TextField
            label={t('case.release')}
            value={release}
            onChange={(text) => setRelease(text.trim())}
            fault={release === '' || isWhole ? null : t('digest.fault')}
            placeholder="sha256:"
            isMono
          />
          <SelectField
            label={t('case.kind')}
            value={kind}
            onChange={(value) => setKind(value as Kind)} // an option below
            options={kinds.map((name) => ({ value: name, label: tCode('caseKind', name) }))}
            help={tCode('caseKindHelp', kind)}
          />
          <SelectField
            label={t('case.environment')}
            value={environment}
            onChange={(value) => setEnvironment(value as Environment)} // an option below
            options={environments.map((name) => ({ value: name, label: tCode('environment', name) }))}
          />
          {isResume && (
            <Resumed
              release={release}
              environment={environment}
              stops={stops}
              onStops={setStops}
              deployment={deploymentId}
              onDeployment={setDeployment}
            />
          )}
        </CommandForm>
        {isWhole && <Required release={release} environment={environment} />}
      </div>
    </Screen>
  )
}

/** A release by its use case and system, for who does not have its digest at hand. */
function ReleasePicker({ onPick }: { readonly onPick: (release: string) => void }) {
  const [useCaseId, setUseCase] = useState('')
  const [systemId, setSystem] = useState('')
  const useCases = useRead(listUseCases, { query: { state: 'triaged', limit: 200 } })
  const systems = useRead(listSystems, { query: { useCaseId, limit: 50 } }, { enabled: useCaseId !== '' })
  const only = systems.data?.items.length === 1 ? systems.data.items[0]?.id : undefined
  const chosen = systemId === '' ? (only ?? '') : systemId
  const system = useRead(readSystem, { params: { id: chosen } }, { enabled: chosen !== '' })
  const releases = system.data?.releases ?? []
  return (
    <>
      <SelectField
        label={t('case.useCase')}
        value={useCaseId}
        onChange={(id) => {
          setUseCase(id)
          setSystem('')
        }}
        options={(useCases.data?.items ?? []).map(({ id, title }) => ({ value: id, label: title }))}
        empty={t('openCase.chooseUseCase')}
        isOptional
      />
      {useCaseId !== '' && systems.data !== undefined && only === undefined && (
        <SelectField
          label={t('case.system')}
          value={systemId}
          onChange={setSystem}
          options={systems.data.items.map(({ id }) => ({ value: id, label: id }))}
          empty={systems.data.items.length === 0 ? t('openCase.noSystem') : t('openCase.chooseSystem')}
        />
      )}
      {chosen !== '' && (
        <SelectField
          label={t('openCase.releaseOf')}
          value=""
          onChange={onPick}
          options={releases.toReversed().map(({ digest, createdAt }) => ({
            value: digest,
            label: `${shortened(digest)} · ${createdAt.slice(0, 10)}`,
          }))}
          empty={t('openCase.chooseRelease')}
        />
      )}
    </>
  )
}

function Resumed({
  release,
  environment,
  stops,
  onStops,
  deployment,
  onDeployment,
}: {
  readonly release: string
  readonly environment: Environment
  readonly stops: readonly string[]
  readonly onStops: (stops: readonly string[]) => void
  readonly deployment: string
  readonly onDeployment: (id: string) => void
}) {
  const required = useRead(
    readRequirements,
    { query: { release, environment } },
    { enabled: isDigestText(release) },
  )
  const inForce = useRead(listStops, { query: { inForce: 'true', limit: 200 } })
  const places = useRead(listDeployments, { query: { environment, limit: 200 } })
  const useCaseId = required.data?.useCaseId
  const rows = (inForce.data?.items ?? []).filter(
    (item) => item.scope === 'installation' || item.useCaseId === useCaseId,
  )
  const quarantined = (places.data?.items ?? []).filter(
    (item) => item.useCaseId === useCaseId && item.op === 'quarantined',
  )
  return (
    <fieldset className="field">
      <legend>{t('openCase.stops')}</legend>
      {rows.length === 0 && quarantined.length === 0 && (
        <p className="muted">{t('openCase.nothingStopped')}</p>
      )}
      {rows.flatMap(({ scope, targetId, stops: orders }) =>
        orders.map(({ id, reasonCode }) => (
          <CheckField
            key={id}
            label={
              <>
                {t('case.stop', {
                  scope: tCode('caseStopScope', scope),
                  reason: tCode('caseStopReason', reasonCode),
                })}{' '}
                <code>{shortened(targetId)}</code>
              </>
            }
            checked={stops.includes(id)}
            onChange={(isOn) => onStops(isOn ? [...stops, id] : stops.filter((item) => item !== id))}
          />
        )),
      )}
      {quarantined.length > 0 && (
        <SelectField
          label={t('openCase.quarantined')}
          value={deployment}
          onChange={onDeployment}
          options={quarantined.map(({ id }) => ({ value: id, label: id }))}
          empty={t('common.none')}
          isOptional
        />
      )}
    </fieldset>
  )
}

/** What the case will wait for, as it is now. */
function Required({ release, environment }: { readonly release: string; readonly environment: Environment }) {
  const read = useRead(readRequirements, { query: { release, environment } })
  return (
    <Panel title={t('case.evidence')}>
      <Loaded read={read}>
        {({ items }) => {
          const open = items.filter(({ status }) => status === 'unmet' || status === 'unknown')
          return (
            <div className="stack">
              <p>
                {t('case.release')}: <Id id={release} whole />
              </p>
              <Note tone={open.length === 0 ? 'good' : 'attention'}>
                {t('openCase.required', { total: items.length, open: open.length })}
              </Note>
              <ul className="checklist">
                {items.map(({ id, status }) => (
                  <li key={id} className="row">
                    <Status state={status} />
                    {requirementName(id)}
                  </li>
                ))}
              </ul>
            </div>
          )
        }}
      </Loaded>
    </Panel>
  )
}
