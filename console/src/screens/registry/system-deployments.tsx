import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { listPeople } from '../../../../src/contracts/routes/people.ts'
import { createDeployment, listDeployments } from '../../../../src/contracts/routes/registry.ts'
import { environments } from '../../../../src/kernel/vocabulary.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { shortened } from '../../ui/copy.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { PlacePanels } from './place-panel.tsx'
import type { SystemView } from './system.tsx'

/** Every place of the system with what it may and does. */
export function SystemDeployments({ system }: { readonly system: SystemView }) {
  const [isCreating, setCreating] = useState(false)
  const read = useRead(listDeployments, { query: { systemId: system.id, limit: 100 } }, { everyMs: 10_000 })
  return (
    <div className="stack wide">
      <div className="row no-print">
        <Button
          onClick={() => setCreating(true)}
          whyNot={system.state === 'retired' ? t('system.isRetired') : null}
        >
          {t('place.create')}
        </Button>
      </div>
      <Loaded read={read}>
        {({ items }) => {
          const ended = items.filter(({ op }) => op === 'retired')
          const present = items.filter(({ op }) => op !== 'retired')
          return (
            <>
              {items.length === 0 && <Empty>{t('overview.noPlaces')}</Empty>}
              {present.map((place) => (
                <section
                  key={place.id}
                  className="stack"
                  aria-label={tCode('environment', place.environment)}
                >
                  <h2>
                    <Link to={`/deployments/${place.id}`}>{tCode('environment', place.environment)}</Link>
                  </h2>
                  <PlacePanels place={place} />
                </section>
              ))}
              {ended.length > 0 && (
                <p className="muted">
                  {t('place.ended')}{' '}
                  {ended.map(({ id }) => (
                    <Link key={id} to={`/deployments/${id}`}>
                      <code>{shortened(id)}</code>{' '}
                    </Link>
                  ))}
                </p>
              )}
            </>
          )
        }}
      </Loaded>
      {isCreating && <NewPlaceDialog system={system} onClose={() => setCreating(false)} />}
    </div>
  )
}

function NewPlaceDialog({ system, onClose }: { readonly system: SystemView; readonly onClose: () => void }) {
  const navigate = useNavigate()
  const me = useMe().data?.person
  const people = useRead(listPeople, { query: { limit: 200 } })
  const [environment, setEnvironment] = useState<(typeof environments)[number]>('prod')
  const [owner, setOwner] = useState<string | null>(null)
  const known = people.data?.items ?? []
  const chosen = known.find(({ id }) => id === (owner ?? me))?.id ?? me
  return (
    <CommandDialog
      route={createDeployment}
      input={() =>
        chosen === undefined ? null : { body: { systemId: system.id, environment, owner: chosen } }
      }
      title={t('place.createTitle')}
      says={t('place.createText')}
      verb={t('place.create')}
      told={t('place.created')}
      onClose={onClose}
      onDone={({ id }) => void navigate({ to: `/deployments/${id}` })}
    >
      <SelectField
        label={t('registry.environment')}
        value={environment}
        onChange={(value) => setEnvironment(environments.find((name) => name === value) ?? 'prod')}
        options={environments.map((name) => ({ value: name, label: tCode('environment', name) }))}
      />
      <SelectField
        label={t('registry.owner')}
        value={chosen ?? ''}
        onChange={setOwner}
        options={
          known.length === 0 && me !== undefined
            ? [{ value: me, label: t('common.you') }]
            : known.map(({ id, name }) => ({ value: id, label: name ?? shortened(id) }))
        }
      />
    </CommandDialog>
  )
}
