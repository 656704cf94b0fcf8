import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { openCase } from '../../../../src/contracts/routes/cases.ts'
import { listDeployments } from '../../../../src/contracts/routes/registry.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/safety.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { shortened } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import type { StopRow } from './stops.tsx'
import { TargetLink } from './stop-target.tsx'

type Place = ItemOf<typeof listDeployments>

/** Opens a case of kind resume on the stops of one target. Nothing runs before it is decided. */
export function ResumeDialog({ stop, onClose }: { readonly stop: StopRow; readonly onClose: () => void }) {
  const query = stop.useCaseId === null ? { limit: 200 } : { useCaseId: stop.useCaseId, limit: 200 }
  const read = useRead(listDeployments, { query })
  return (
    <Dialog open onClose={onClose} title={t('stop.resumeTitle')}>
      <p>
        <TargetLink {...stop} />
      </p>
      <p>{t('stop.resumeText', { count: stop.stops.length })}</p>
      <Loaded read={read}>
        {({ items }) => (
          <ResumeForm stop={stop} places={items.filter((place) => isUnder(place, stop))} onClose={onClose} />
        )}
      </Loaded>
    </Dialog>
  )
}

function ResumeForm({
  stop,
  places,
  onClose,
}: {
  readonly stop: StopRow
  readonly places: readonly Place[]
  readonly onClose: () => void
}) {
  const navigate = useNavigate()
  const [chosen, setChosen] = useState(places[0]?.id ?? null)
  const place = places.find(({ id }) => id === chosen)
  if (place === undefined) return <Note tone="attention">{t('stop.nothingRan')}</Note>
  const { desired, environment, id: deploymentId } = place
  const stops = stop.stops.map(({ id }) => id)
  const input = () =>
    desired === null
      ? null
      : ({ body: { kind: 'resume', release: desired, environment, deploymentId, stops } } as const)
  return (
    <CommandForm
      route={openCase}
      input={input}
      verb={t('stop.openCase')}
      onClose={onClose}
      onDone={({ id }) => {
        onClose()
        void navigate({ to: `/cases/${id}` })
      }}
    >
      <SelectField
        label={t('stop.resumePlace')}
        help={t('stop.resumePlaceHelp')}
        value={place.id}
        onChange={(id) => setChosen(places.find((one) => one.id === id)?.id ?? null)}
        options={places.map(({ id, title, environment, desired }) => ({
          value: id,
          label: `${title}, ${tCode('environment', environment)}, ${desired === null ? '' : shortened(desired)}`,
        }))}
      />
    </CommandForm>
  )
}

/** Whether a stop of this target holds the place back; only a place with a release can be decided on. */
function isUnder({ id, systemId, routes, desired, op }: Place, { scope, targetId }: StopRow): boolean {
  if (desired === null || op === 'retired') return false
  if (scope === 'deployment') return id === targetId
  if (scope === 'system') return systemId === targetId
  return scope === 'route' ? routes.some((route) => route === targetId) : true
}
