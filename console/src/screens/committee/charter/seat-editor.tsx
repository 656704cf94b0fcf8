import { t, tCode } from '../../../messages/committee.ts'
import { Button } from '../../../ui/button.tsx'
import { CheckField } from '../../../ui/field.tsx'
import { Note } from '../../../ui/note.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Person } from '../../../ui/person.tsx'
import { PersonPicker } from '../../../ui/person-picker.tsx'
import type { Draft, SeatDraft } from './draft.ts'
import { faultsAt, type Fault } from './faults.ts'

/** Who sits for which function, who stands in, who chairs, and who accepts high risks for the business. */
export function SeatEditor({
  draft,
  onChange,
  faults,
}: {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly faults: readonly Fault[]
}) {
  const change = (fn: string, part: Partial<SeatDraft>) =>
    onChange({
      ...draft,
      seats: draft.seats.map((seat) => (seat.fn === fn ? { ...seat, ...part } : seat)),
    })
  const general = faultsAt(faults, (at) => at === '/seats')
  return (
    <Panel title={t('charter.seats')}>
      <div className="stack wide">
        {general.length > 0 && <Note tone="breach">{general.join(' ')}</Note>}
        <div className="seat-drafts">
          {draft.seats.map((seat) => (
            <fieldset key={seat.fn} className="draft stack">
              <legend>{tCode('fn', seat.fn)}</legend>
              <div className="row">
                <CheckField
                  label={t('charter.isSeated')}
                  checked={seat.isSeated}
                  onChange={(isSeated) => change(seat.fn, { isSeated })}
                />
                <CheckField
                  label={t('seat.chair')}
                  checked={seat.chair}
                  onChange={(chair) => change(seat.fn, { chair })}
                />
              </div>
              {seat.isSeated && (
                <>
                  <PersonPicker
                    label={t('charter.holder')}
                    value={seat.holder}
                    onChange={(holder) => change(seat.fn, { holder })}
                    fault={faultOf(seat, faults)}
                  />
                  <People
                    label={t('charter.alternates')}
                    add={t('charter.addAlternate')}
                    people={seat.alternates}
                    most={5}
                    onChange={(alternates) => change(seat.fn, { alternates })}
                  />
                </>
              )}
            </fieldset>
          ))}
        </div>
        <fieldset className="draft stack">
          <legend>{t('charter.executives')}</legend>
          <p className="muted">{t('charter.executivesHelp')}</p>
          <People
            label={t('charter.executives')}
            add={t('charter.addExecutive')}
            people={draft.executives}
            most={12}
            onChange={(executives) => onChange({ ...draft, executives })}
          />
          {faultsAt(faults, (at) => at.startsWith('/businessExecutives')).map((fault) => (
            <p key={fault} className="fault">
              {fault}
            </p>
          ))}
        </fieldset>
      </div>
    </Panel>
  )
}

function faultOf({ fn, holder }: SeatDraft, faults: readonly Fault[]): string | null {
  if (holder === null) return t('charter.holderMissing')
  const found = faultsAt(faults, (at) => at === `/seats/${fn}`)
  return found.length === 0 ? null : found.join(' ')
}

/** Several people in the order in which they come to it. */
function People({
  label,
  add,
  people,
  most,
  onChange,
}: {
  readonly label: string
  readonly add: string
  readonly people: readonly string[]
  readonly most: number
  readonly onChange: (people: readonly string[]) => void
}) {
  return (
    <div className="stack">
      {people.length > 0 && (
        <ul aria-label={label}>
          {people.map((id) => (
            <li key={id} className="row">
              <Person id={id} />
              <Button kind="quiet" onClick={() => onChange(people.filter((item) => item !== id))}>
                {t('charter.removePerson')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {people.length < most && (
        <PersonPicker
          label={add}
          value={null}
          onChange={(id) => id !== null && onChange([...people, id])}
          whyNot={(id) => (people.includes(id) ? t('charter.personThere') : null)}
        />
      )}
    </div>
  )
}
