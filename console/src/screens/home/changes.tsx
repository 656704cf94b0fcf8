import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/home.ts'
import { shortened } from '../../ui/copy.tsx'
import { Go } from '../../ui/go.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { pathOf } from './record-path.ts'

type Change = ReplyOf<typeof readOverview>['changes'][number]

/** The last decisions, stops and releases. */
export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <Panel title={t('home.changes')}>
      {changes.length === 0 ? (
        <p className="muted">{t('home.changesNone')}</p>
      ) : (
        <ol className="home-list">
          {changes.map((change) => (
            <li key={`${change.kind} ${change.id}`} className="row spread">
              <span className="grow">
                <Go to={pathOf(change.kind, change.id)}>{tCode('change', change.kind)}</Go>{' '}
                {change.title === '' ? t('home.everything') : <Untrusted text={change.title} />}
              </span>
              <Detail change={change} />
              <span className="muted">
                <Time at={change.at} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}

function Detail({ change: { kind, detail } }: { readonly change: Change }) {
  if (kind === 'release') return <code>{shortened(detail)}</code>
  if (kind === 'stop')
    return <Status state="stopped" word={t('home.changeStopped', { scope: tCode('scope', detail) })} />
  return <Status state={detail} />
}
