import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/home.ts'
import { Go } from '../../ui/go.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { waitingPaths } from './record-path.ts'

/** Where people hold something up, whoever they are. */
export function Waiting({ waiting }: { readonly waiting: ReplyOf<typeof readOverview>['waiting'] }) {
  return (
    <Panel title={t('home.waiting')}>
      {waiting.length === 0 ? (
        <p className="muted">{t('home.waitingNone')}</p>
      ) : (
        <ul className="home-list">
          {waiting.map(({ kind, count, overdue, oldest }) => (
            <li key={kind} className="row spread">
              <Go to={waitingPaths[kind] ?? '/work'}>{tCode('waiting', kind)}</Go>
              <span className="row">
                {overdue > 0 && (
                  <Status state="overdue" tone="breach" word={t('home.waitingOverdue', { count: overdue })} />
                )}
                {oldest !== null && (
                  <span className="muted">
                    {t('home.waitingSince', { time: '' })}
                    <Time at={oldest} />
                  </span>
                )}
                <strong className="num">{count}</strong>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
