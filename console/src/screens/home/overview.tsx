import { lazy, Suspense } from 'react'
import { readOverview } from '../../../../src/contracts/routes/home.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t } from '../../messages/home.ts'
import { Button } from '../../ui/button.tsx'
import { useAppearance, absolute } from '../../ui/clock.ts'
import { Bones, Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { useSearchMembers } from '../../frame/location.ts'
import { answerOf } from './answer.ts'
import { Changes } from './changes.tsx'
import { Deadlines } from './deadlines.tsx'
import { Exceptions } from './exceptions.tsx'
import { FirstUse } from './first-use.tsx'
import { Health } from './health.tsx'
import { Matrix } from './matrix.tsx'
import { statusNote } from './status-note.ts'
import { Waiting } from './waiting.tsx'
import { WithoutLeave } from './without-leave.tsx'

// Neither is part of a first visit: rows come with a click on a number, the demo with an empty installation.
const Rows = lazy(async () => ({ default: (await import('./rows.tsx')).Rows }))
const DemoPanel = lazy(async () => ({ default: (await import('../demo/demo-panel.tsx')).DemoPanel }))

export type Overview = ReplyOf<typeof readOverview>

/** Is every AI in service permitted at this moment, and where not? */
export function Overview() {
  const read = useRead(readOverview, { query: {} }, { everyMs: 30_000 })
  const { zone } = useAppearance()
  const { data } = read
  const copy = (found: Overview) => {
    const time = absolute(new Date(found.at), zone)
    const note = statusNote(found, { origin: window.location.origin, time, zone })
    void navigator.clipboard.writeText(note).then(() => toast(t('home.noteCopied')))
  }
  return (
    <Screen
      title={t('rail.overview')}
      answer={data === undefined ? undefined : answerOf(data)}
      actions={data !== undefined && <Button onClick={() => copy(data)}>{t('home.copyNote')}</Button>}
    >
      <Loaded read={read} rows={12}>
        {(found) => <Tiles found={found} />}
      </Loaded>
    </Screen>
  )
}

function Tiles({ found }: { readonly found: Overview }) {
  const { tier, authorization } = useSearchMembers()
  const isAdministrator = useMe().data?.permissions.includes('settings.manage') === true
  const hasRows = tier !== undefined || authorization !== undefined
  const isFirstUse = found.setup.some(({ isDone }) => !isDone)
  return (
    <>
      {found.unobserved > 0 && (
        <Note tone="unknown">{t('home.unobserved', { count: found.unobserved })}</Note>
      )}
      {isFirstUse && <FirstUse steps={found.setup} />}
      {isFirstUse && isAdministrator && (
        <Suspense>
          <DemoPanel place="offer" />
        </Suspense>
      )}
      {hasRows && (
        <Suspense fallback={<Bones rows={6} />}>
          <Rows />
        </Suspense>
      )}
      <div className="home-tiles">
        <div className="home-column">
          <WithoutLeave found={found} />
          <Matrix found={found} />
          <Deadlines deadlines={found.deadlines} from={found.at} />
          <Changes changes={found.changes} />
        </div>
        <div className="home-column">
          <Waiting waiting={found.waiting} />
          <Exceptions exceptions={found.exceptions} />
          <Health gateway={found.gateway} />
        </div>
      </div>
      <p className="muted num">
        {t('home.asOf', { time: '' })} <Time at={found.at} both />
      </p>
    </>
  )
}
