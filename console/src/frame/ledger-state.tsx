import { Link } from '@tanstack/react-router'
import { ledgerStatus } from '../../../src/contracts/routes/ledger.ts'
import { problemIn } from '../api/client.ts'
import { useRead } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { Status } from '../ui/status.tsx'

/** Whether the ledger is well, always in sight. Who may not read it sees nothing. */
export function LedgerState() {
  const { data, error } = useRead(ledgerStatus, {}, { live: 'health' })
  if (data === undefined)
    return error === null || problemIn(error)?.code === 'FORBIDDEN' ? null : (
      <Status state="unknown" word={t('frame.ledgerUnknown')} />
    )
  const { state, size, queued } = data
  const word =
    queued > 0 ? t('frame.ledgerPending', { size, pending: queued }) : t('frame.ledgerOk', { size })
  return (
    <Link to="/ledger" className="ledger-state">
      <Status state={state} word={word} />
    </Link>
  )
}
