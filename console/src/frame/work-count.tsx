import { readWork } from '../../../src/contracts/routes/home.ts'
import { useRead } from '../api/reading.ts'
import { t } from '../messages/text.ts'

/** How much waits for the person who is signed in; nothing at all for none. */
export function WorkCount() {
  const { data } = useRead(readWork, { query: {} }, { everyMs: 60_000 })
  const count = data?.items.length ?? 0
  if (count === 0) return null
  return (
    <span className="count" title={t('work.count', { count })}>
      <span aria-hidden="true">{count}</span>
      <span className="sr-only">{t('work.count', { count })}</span>
    </span>
  )
}
