import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/home.ts'
import { Go } from '../../ui/go.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { Axis } from './axis.tsx'
import { pathOf } from './record-path.ts'

const shown = 8

/** What is due within a week, on a time axis and as a list. */
export function Deadlines({
  deadlines,
  from,
}: {
  readonly deadlines: ReplyOf<typeof readOverview>['deadlines']
  readonly from: string
}) {
  const count = deadlines.length
  return (
    <Panel title={t('home.deadlines')}>
      {count === 0 ? (
        <p className="muted">{t('home.deadlinesNone')}</p>
      ) : (
        <>
          <Axis
            from={Date.parse(from)}
            days={7}
            dates={deadlines.map(({ at }) => Date.parse(at))}
            label={t('home.deadlineAxis', { count })}
          />
          <ol className="home-list">
            {deadlines.slice(0, shown).map(({ kind, id, at, title }) => (
              <li key={`${kind} ${id}`} className="row spread">
                <span className="grow">
                  <Go to={pathOf(kind, id)}>{tCode('deadline', kind)}</Go> <Untrusted text={title} />
                </span>
                <span className="muted">
                  <Time at={at} both />
                </span>
              </li>
            ))}
          </ol>
          {count > shown && <p className="muted">{t('home.deadlinesMore', { shown, count })}</p>}
        </>
      )}
    </Panel>
  )
}
