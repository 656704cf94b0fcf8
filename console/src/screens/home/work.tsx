import { readWork } from '../../../../src/contracts/routes/home.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/home.ts'
import type { Values } from '../../messages/text.ts'
import { absolute, useAppearance } from '../../ui/clock.ts'
import { Go } from '../../ui/go.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Shape, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { Axis } from './axis.tsx'
import { workPath } from './record-path.ts'

type Work = ReplyOf<typeof readWork>
type Item = Work['items'][number]

/** What do I have to do, by when, and why me? */
export function Work() {
  const read = useRead(readWork, { query: {} }, { everyMs: 30_000 })
  const { data } = read
  const overdue = data?.items.filter(({ isOverdue }) => isOverdue).length ?? 0
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
      <Loaded read={read} rows={8}>
        {(work) => <Items work={work} />}
      </Loaded>
    </Screen>
  )
}

function Items({ work: { items, nextDate, at } }: { readonly work: Work }) {
  const { zone } = useAppearance()
  const date = nextDate === null ? null : absolute(new Date(nextDate), zone)
  if (items.length === 0)
    return <Empty>{date === null ? t('work.none') : t('work.noneNext', { date })}</Empty>
  const dates = items.flatMap(({ due }) => (due === null ? [] : [Date.parse(due)]))
  return (
    <>
      {dates.length > 0 && (
        <Axis
          from={Date.parse(at)}
          days={30}
          dates={dates}
          label={t('work.strip', { count: dates.length })}
        />
      )}
      <Panel title={t('work.list')} flush>
        <ul className="work">
          {items.map((item) => (
            <li key={`${item.kind} ${item.id} ${JSON.stringify(item.why)}`}>
              <WorkRow item={item} />
            </li>
          ))}
        </ul>
      </Panel>
      {date !== null && <p className="muted">{t('work.nextDate', { date })}</p>}
    </>
  )
}

function WorkRow({ item }: { readonly item: Item }) {
  const { kind, id, title, tier, due, since, isOverdue, why } = item
  const name = tCode('work', kind)
  return (
    <>
      <div className="work-what">
        <strong>{name}</strong> {title !== null && <Untrusted text={title} />}
        <div className="muted">{tCode('why', why.code, whyWords(why.params))}</div>
      </div>
      <div className="work-when">
        {tier !== null && <Tier tier={tier} />}
        {due === null ? (
          <span className="muted">{t('work.noDue')}</span>
        ) : (
          <span className={isOverdue ? 'status tone-breach' : 'status'}>
            {isOverdue && <Shape tone="breach" />}
            {isOverdue && <span>{t('work.overdue')}</span>}
            <Time at={due} both />
          </span>
        )}
        {due === null && since !== null && (
          <span className="muted">
            <Time at={since} />
          </span>
        )}
      </div>
      <Go
        to={workPath(kind, id)}
        className="button"
        label={title === null ? tCode('do', kind) : `${tCode('do', kind)}: ${title}`}
      >
        {tCode('do', kind)}
      </Go>
    </>
  )
}

/** Codes among the parameters of a reason, in the words of the catalogue. */
function whyWords(params: Item['why']['params']): Values {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (typeof value !== 'string') return [name, typeof value === 'boolean' ? String(value) : value]
      if (name === 'fn' || name === 'as') return [name, tCode('fn', value)]
      if (name === 'kind') return [name, tCode('reviewKind', value)]
      if (name === 'state') return [name, tCode('state', value)]
      return [name, value]
    }),
  )
}
