import { readCharters } from '../../../../src/contracts/routes/charters.ts'
import { useRead } from '../../api/reading.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { inForceOf } from '../committee/charter/rule-words.ts'
import { DelegateForm } from '../committee/charter/delegate-form.tsx'

/** The form that hands a seat of the charter in force to an alternate. */
export function DelegateSeat({ seat, onClose }: { readonly seat: string; readonly onClose: () => void }) {
  const read = useRead(readCharters, {})
  return (
    <Loaded read={read} rows={3}>
      {(charters) => {
        const found = inForceOf(charters)?.charter.seats.find(({ id }) => id === seat)
        return found === undefined ? null : <DelegateForm seat={found} onClose={onClose} />
      }}
    </Loaded>
  )
}
