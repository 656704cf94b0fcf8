import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { readAuthorization } from '../../../../src/contracts/routes/enforcement.ts'
import { commandDeployment, readSystem } from '../../../../src/contracts/routes/registry.ts'
import { readRequirements } from '../../../../src/contracts/routes/requirements.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/registry.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { shortened } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { RadioField, SelectField } from '../../ui/field.tsx'
import { Bones, Failure, Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { requirementName } from '../../ui/requirement.ts'
import { Status } from '../../ui/status.tsx'
import { absolute, useAppearance } from '../../ui/clock.ts'
import { toast } from '../../ui/toast.tsx'
import { AuthorizationReasons, permits } from './authorization.tsx'
import { to } from './deployment-command.ts'
import type { Place } from './place-panel.tsx'

const running = ['shadow', 'canary', 'live'] as const
type SystemView = ReplyOf<typeof readSystem>

/** Rolls a release out. What is still missing is said before the button can be pressed. */
export function DeployDialog({ place, onClose }: { readonly place: Place; readonly onClose: () => void }) {
  const system = useRead(readSystem, { params: { id: place.systemId } })
  return (
    <Dialog open onClose={onClose} title={t('place.deployTitle')}>
      <Loaded read={system}>
        {(data) =>
          data.releases.length === 0 ? (
            <Note tone="attention">
              {t('place.noReleases')}{' '}
              <Link to={`/systems/${place.systemId}/releases`}>{t('system.tab.releases')}</Link>
            </Note>
          ) : (
            <DeployForm place={place} system={data} onClose={onClose} />
          )
        }
      </Loaded>
    </Dialog>
  )
}

function DeployForm({
  place,
  system,
  onClose,
}: {
  readonly place: Place
  readonly system: SystemView
  readonly onClose: () => void
}) {
  const { zone } = useAppearance()
  const releases = system.releases.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  const [digest, setDigest] = useState(system.approved ?? releases[0]?.digest ?? '')
  const [op, setOp] = useState<(typeof running)[number]>('live')
  const release = releases.find((one) => one.digest === digest)?.digest
  const judged = useRead(
    readAuthorization,
    { params: { id: place.id }, query: release === undefined ? {} : { release } },
    { enabled: release !== undefined },
  )
  const isPermitted = judged.data !== undefined && permits(judged.data)
  return (
    <CommandForm
      route={commandDeployment}
      input={() => (release === undefined ? null : to(place, { c: 'deploy', release, op }))}
      verb={t('place.deployVerb')}
      whyNot={isPermitted ? null : t('place.notPermitted')}
      onClose={onClose}
      onDone={() => {
        toast(t('place.deployed'))
        onClose()
      }}
    >
      <SelectField
        label={t('place.release')}
        value={digest}
        onChange={setDigest}
        options={releases.map((one) => ({
          value: one.digest,
          label: `${shortened(one.digest)}, ${absolute(new Date(one.createdAt), zone)}${one.digest === system.approved ? `, ${t('place.approvedLast')}` : ''}`,
        }))}
      />
      <p>
        <code>{digest}</code>
      </p>
      <RadioField
        label={t('place.op')}
        value={op}
        onChange={(value) => setOp(value as typeof op)} // one of the options
        options={running.map((name) => ({
          value: name,
          label: tCode('state', name),
          help: tCode('place.opHelp', name),
        }))}
      />
      <section className="stack" aria-label={t('place.missing')}>
        <h3>{t('place.missing')}</h3>
        {judged.data === undefined ? (
          judged.error === null ? (
            <Bones rows={2} />
          ) : (
            <Failure error={judged.error} />
          )
        ) : isPermitted ? (
          <Status state={judged.data.state} word={t('place.nothingMissing')} />
        ) : (
          <>
            <Status state={judged.data.state} />
            <AuthorizationReasons reasons={judged.data.reasons} />
            {release !== undefined && <Missing release={release} environment={place.environment} />}
          </>
        )}
      </section>
    </CommandForm>
  )
}

/** Requirements of the release that are not met, which is what a case would wait for. */
export function Missing({
  release,
  environment,
}: {
  readonly release: string
  readonly environment: Place['environment']
}) {
  const read = useRead(readRequirements, { query: { release, environment } })
  return (
    <Loaded read={read} rows={2}>
      {({ items }) => {
        const open = items.filter(({ status }) => status !== 'met')
        if (open.length === 0) return <p>{t('place.requirementsMet', { count: items.length })}</p>
        return (
          <ul className="reasons">
            {open.map(({ id, status, why }) => (
              <li key={id}>
                <Status state={status} /> {requirementName(id)}{' '}
                <span className="muted">{tCode('requirementWhy', why)}</span>
              </li>
            ))}
          </ul>
        )
      }}
    </Loaded>
  )
}
