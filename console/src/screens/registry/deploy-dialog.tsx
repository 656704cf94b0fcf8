import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { readAuthorization } from '../../../../src/contracts/routes/enforcement.ts'
import { commandDeployment, readSystem } from '../../../../src/contracts/routes/registry.ts'
import { readRequirements } from '../../../../src/contracts/routes/safety.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { shortened } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { RadioField, SelectField } from '../../ui/field.tsx'
import { Bones, Failure, Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Status } from '../../ui/status.tsx'
import { absolute, useAppearance } from '../../ui/clock.ts'
import { toast } from '../../ui/toast.tsx'
import { AuthorizationReasons, permits } from './authorization.tsx'
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
  const { state, send } = useCommand(commandDeployment)
  const deploy = async () => {
    if (release === undefined) return
    const body = { c: 'deploy', release, op } as const
    const done = await send({ params: { id: place.id }, body, ifMatch: place.revision })
    if (done === null) return
    toast(t('place.deployed'))
    onClose()
  }
  const isPermitted = judged.data !== undefined && permits(judged.data)
  return (
    <>
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
      <Outcome state={state} onRetry={() => void deploy()} />
      <div className="row">
        <Button
          kind="primary"
          onClick={() => void deploy()}
          whyNot={isPermitted ? null : t('place.notPermitted')}
        >
          {t('place.deployVerb')}
        </Button>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
      </div>
    </>
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
                <Status state={status} /> <code>{id}</code>{' '}
                <span className="muted">{tCode('state', why)}</span>
              </li>
            ))}
          </ul>
        )
      }}
    </Loaded>
  )
}
