import { readWork } from '../../../src/contracts/routes/home.ts'
import { useRead } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { Count } from './count.tsx'

/** How much waits for the person who is signed in. */
export function WorkCount() {
  const count = useRead(readWork, { query: {} }, { live: 'work' }).data?.items.length ?? 0
  return <Count count={count} says={t('work.count', { count })} />
}
