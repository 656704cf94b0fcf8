import { useState } from 'react'
import { delegateSeat } from '../../../../../src/contracts/routes/charters.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { CommandForm } from '../../../ui/command-form.tsx'
import { TextField } from '../../../ui/field.tsx'
import { instantOf, localIn } from '../../../ui/local-time.ts'
import { PersonPicker } from '../../../ui/person-picker.tsx'
import { toast } from '../../../ui/toast.tsx'
import type { Charter } from './rule-words.ts'

/** Hands a seat to one of its alternates for a while. */
export function DelegateForm({
  seat,
  onClose,
}: {
  readonly seat: Charter['seats'][number]
  readonly onClose: () => void
}) {
  const [to, setTo] = useState<string | null>(seat.alternates[0] ?? null)
  const [until, setUntil] = useState(() => localIn(7))
  const end = instantOf(until)
  return (
    <CommandForm
      route={delegateSeat}
      verb={t('charter.delegate')}
      whyNot={to === null ? t('charter.noAlternate') : end === null ? t('charter.noEnd') : null}
      onClose={onClose}
      input={() =>
        to !== null && end !== null ? { params: { id: seat.id }, body: { to, until: end } } : null
      }
      onDone={() => {
        toast(t('charter.delegated'))
        onClose()
      }}
    >
      <p>{t('charter.delegateText', { fn: tCode('fn', seat.fn) })}</p>
      <PersonPicker
        label={t('charter.alternate')}
        value={to}
        onChange={setTo}
        whyNot={(id) =>
          (seat.alternates as readonly string[]).includes(id) ? null : t('charter.notAlternate')
        }
      />
      <TextField
        label={t('charter.until')}
        type="datetime-local"
        value={until}
        onChange={setUntil}
        help={t('charter.untilHelp')}
      />
    </CommandForm>
  )
}
