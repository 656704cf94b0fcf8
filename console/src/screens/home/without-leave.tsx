import { Link } from '@tanstack/react-router'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/home.ts'
import { Panel } from '../../ui/panel.tsx'
import { Shape, Status, Tier } from '../../ui/status.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { leaveText } from './answer.ts'

const shown = 6

/** What is in service and may not run, with why: the gateway refuses its calls. */
export function WithoutLeave({ found }: { readonly found: ReplyOf<typeof readOverview> }) {
  const { withoutLeave, inService } = found
  const all = inService - found.underGrant - found.withoutGrant
  if (withoutLeave.length === 0)
    return (
      <Panel title={t('home.withoutLeave')}>
        {inService === 0 ? (
          <p className="muted">{t('home.withoutLeaveNoService')}</p>
        ) : (
          <p className="status tone-good">
            <Shape tone="good" />
            {t('home.withoutLeaveNone')}
          </p>
        )}
      </Panel>
    )
  return (
    <Panel title={`${t('home.withoutLeave')} (${all})`}>
      <ul className="home-list">
        {withoutLeave.slice(0, shown).map(({ id, title, tier, environment, state, reasons }) => (
          <li key={id}>
            <div className="row spread">
              <Link to={`/deployments/${id}`}>
                <Untrusted text={title} />
              </Link>
              <Status state={state} />
            </div>
            <div className="muted">
              <Tier tier={tier} /> · {tCode('environment', environment)} · {leaveText(reasons)}
            </div>
          </li>
        ))}
      </ul>
      {all > shown && <p className="muted">{t('home.withoutLeaveMore', { count: all - shown })}</p>}
    </Panel>
  )
}
