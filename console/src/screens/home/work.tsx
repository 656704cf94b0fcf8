import { useRef, useState } from 'react'
import { readWork } from '../../../../src/contracts/routes/home.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t } from '../../messages/work.ts'
import { Button } from '../../ui/button.tsx'
import { absolute, useAppearance } from '../../ui/clock.ts'
import { Go } from '../../ui/go.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Axis } from './axis.tsx'
import { DelegateDialog } from './delegate-dialog.tsx'
import { SnoozeDialog } from './snooze-dialog.tsx'
import { useItemKeys } from './use-item-keys.ts'
import { WorkRow, type WorkAct, type WorkItem } from './work-row.tsx'

type Work = ReplyOf<typeof readWork>

const stripDays = 30

/** What do I have to do, by when, and why me? */
export function Work() {
  const read = useRead(readWork, { query: {} }, { everyMs: 30_000 })
  const { data } = read
  const overdue = data?.items.filter(({ isOverdue }) => isOverdue).length ?? 0
  // A reading that waits for the connection has not failed, and is as old as one that has.
  const isOld = data !== undefined && (read.isRefetchError || read.fetchStatus === 'paused')
  return (
    <Screen
      title={t('rail.work')}
      answer={
        data === undefined
          ? undefined
          : data.items.length === 0
            ? t('work.none')
            : t('work.answer', { count: data.items.length, overdue })
      }
    >
      {isOld ? (
        <>
          <Old at={read.dataUpdatedAt} onRetry={() => void read.refetch()} />
          <Items work={data} isOld />
        </>
      ) : (
        <Loaded read={read} rows={8}>
          {(work) => <Items work={work} isOld={false} />}
        </Loaded>
      )}
    </Screen>
  )
}

/** Says that what is shown is no longer fresh, and from when it is. */
function Old({ at, onRetry }: { readonly at: number; readonly onRetry: () => void }) {
  const { zone } = useAppearance()
  return (
    <Note tone="unknown" live="polite">
      <p>{t('work.toldOld', { time: absolute(new Date(at), zone) })}</p>
      <Button onClick={onRetry}>{t('common.retry')}</Button>
    </Note>
  )
}

type Open = { readonly k: WorkAct; readonly item: WorkItem }

function Items({ work, isOld }: { readonly work: Work; readonly isOld: boolean }) {
  const { items, asleep, nextDate, at } = work
  const { zone } = useAppearance()
  const [open, setOpen] = useState<Open | null>(null)
  const list = useRef<HTMLUListElement>(null)
  const current = useItemKeys(list)
  const act = (k: WorkAct) => {
    const item = items[current()]
    if (item !== undefined && !isOld) setOpen({ k, item })
  }
  const close = () => setOpen(null)
  usePageCommands(
    items.length === 0
      ? []
      : [
          { label: t('work.snooze'), key: 'h', run: () => act('snooze') },
          { label: t('work.delegate'), key: 'D', run: () => act('delegate') },
        ],
  )
  const date = nextDate === null ? null : absolute(new Date(nextDate), zone)
  const from = Date.parse(at)
  const dates = [...items, ...asleep]
    .flatMap(({ due }) => (due === null ? [] : [Date.parse(due)]))
    .filter((due) => due <= from + stripDays * 86_400_000)
  return (
    <>
      {dates.length > 0 && (
        <Axis from={from} days={stripDays} dates={dates} label={t('work.strip', { count: dates.length })} />
      )}
      {items.length === 0 ? (
        <Empty>{date === null ? t('work.none') : t('work.noneNext', { date })}</Empty>
      ) : (
        <Panel title={t('work.list')} flush>
          <ul className="work" ref={list}>
            {items.map((item) => (
              <li key={keyOf(item)} tabIndex={-1}>
                <WorkRow item={item} isOld={isOld} onAct={(k) => setOpen({ k, item })} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {asleep.length > 0 && <Asleep items={asleep} isOld={isOld} />}
      {items.length > 0 && date !== null && <p className="muted">{t('work.nextDate', { date })}</p>}
      {open?.k === 'snooze' && <SnoozeDialog item={open.item} onClose={close} />}
      {open?.k === 'delegate' && <DelegateDialog item={open.item} onClose={close} />}
    </>
  )
}

/** What is put off: how much, and on demand what. The address says whether it is shown. */
function Asleep({ items, isOld }: { readonly items: Work['asleep']; readonly isOld: boolean }) {
  const isShown = useSearchMembers()['asleep'] === 'shown'
  return (
    <Panel
      title={t('work.asleep')}
      flush={isShown}
      actions={
        <Go to={isShown ? '/work' : '/work?asleep=shown'}>
          {t(isShown ? 'work.asleepHide' : 'work.asleepShow')}
        </Go>
      }
    >
      {isShown ? (
        <ul className="work">
          {items.map((item) => (
            <li key={keyOf(item)}>
              <WorkRow item={item} until={item.until} isOld={isOld} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">{t('work.asleepCount', { count: items.length })}</p>
      )}
    </Panel>
  )
}

function keyOf({ kind, id, why }: WorkItem): string {
  return `${kind} ${id} ${JSON.stringify(why)}`
}
