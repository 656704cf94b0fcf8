import { countNotices } from '../../../src/contracts/routes/collaboration.ts'
import { useRead } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { Count } from './count.tsx'

const most = 99

/** How much the person who is signed in was told and has not read. */
export function NoticeCount() {
  const count = useRead(countNotices, {}, { live: 'work' }).data?.unread ?? 0
  const shown = count > most ? `${most}+` : String(count)
  return <Count count={count} shown={shown} says={t('notice.count', { count })} />
}
