import { useState } from 'react'
import { snoozeWork } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/work.ts'
import { Button } from '../../ui/button.tsx'
import { absolute, inZone, useAppearance } from '../../ui/clock.ts'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { addDays, dayOf } from '../../ui/days.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { instantOf, localOf } from '../../ui/local-time.ts'
import { nameOf, type WorkItem } from './work-row.tsx'

const morning = 'T09:00'

/** Puts something off until an instant, no later than the server would take it; or says why it cannot be put off. */
export function SnoozeDialog({ item, onClose }: { readonly item: WorkItem; readonly onClose: () => void }) {
  const { zone } = useAppearance()
  const title = t('work.snoozeTitle', { name: nameOf(item) })
  const { kind, id, due, snooze } = item
  const limit = snooze.k === 'until' ? Date.parse(snooze.at) : 0
  const choices = choicesUntil(limit)
  const [until, setUntil] = useState(choices[0]?.local ?? '')
  if (snooze.k === 'never')
    return (
      <Dialog open onClose={onClose} title={title}>
        <p>{tCode('work.never', snooze.why)}</p>
      </Dialog>
    )
  const end = instantOf(until)
  const date = absolute(new Date(limit), zone)
  const help =
    due === null
      ? 'work.snoozeLimitMonth'
      : limit === Date.parse(due)
        ? 'work.snoozeLimitDue'
        : 'work.snoozeLimitEnds'
  return (
    <CommandDialog
      route={snoozeWork}
      input={() => (end === null ? null : { body: { kind, id, until: end } })}
      title={title}
      says={<p>{t('work.snoozeText')}</p>}
      verb={t('work.snoozeVerb')}
      whyNot={end === null ? t('work.noTime') : null}
      told={t('work.snoozed')}
      onClose={onClose}
    >
      <div className="row">
        {choices.map(({ label, local }) => (
          <Button key={label} onClick={() => setUntil(local)}>
            {label}
          </Button>
        ))}
      </div>
      <TextField
        label={t('work.snoozeUntil')}
        type="datetime-local"
        value={until}
        onChange={setUntil}
        help={t(help, { date })}
      />
    </CommandDialog>
  )
}

/** Mornings to come back at, as far as the limit allows them, and the limit itself, to the minute before it. */
function choicesUntil(limit: number): readonly { readonly label: string; readonly local: string }[] {
  const today = dayOf(Date.now(), inZone('local'))
  const monday = Array.from({ length: 7 }, (_, i) => addDays(today, i + 1)).find(
    (day) => new Date(`${day}T00:00:00Z`).getUTCDay() === 1,
  )
  const days = [
    { label: t('work.snoozeTomorrow'), local: `${addDays(today, 1)}${morning}` },
    { label: t('work.snoozeMonday'), local: `${monday ?? today}${morning}` },
    { label: t('work.snoozeWeek'), local: `${addDays(today, 7)}${morning}` },
  ]
  const fitting = days.filter(
    ({ local }, i) =>
      new Date(local).getTime() <= limit && days.findIndex((day) => day.local === local) === i,
  )
  return [...fitting, { label: t('work.snoozeLimitButton'), local: localOf(limit) }]
}
