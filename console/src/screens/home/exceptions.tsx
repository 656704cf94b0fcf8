import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/home.ts'
import type { Tone } from '../../theme/palette.ts'
import { Go } from '../../ui/go.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { pathOf } from './record-path.ts'

const toneOf: Readonly<Record<string, Tone>> = {
  stop: 'stopped',
  override: 'attention',
  waiver: 'attention',
}
const shown = 8

/** Overrides, waivers and stops in force, with their ages. */
export function Exceptions({
  exceptions,
}: {
  readonly exceptions: ReplyOf<typeof readOverview>['exceptions']
}) {
  return (
    <Panel
      title={
        exceptions.length === 0 ? t('home.exceptions') : `${t('home.exceptions')} (${exceptions.length})`
      }
    >
      {exceptions.length === 0 ? (
        <p className="muted">{t('home.exceptionsNone')}</p>
      ) : (
        <ul className="home-list">
          {exceptions.slice(0, shown).map(({ kind, id, title, detail, since, until }) => (
            <li key={id}>
              <div className="row spread">
                <Go to={pathOf(kind, id)}>
                  {title === '' ? t('home.everything') : <Untrusted text={title} />}
                </Go>
                <Status state={kind} tone={toneOf[kind] ?? 'neutral'} word={tCode('exception', kind)} />
              </div>
              <div className="muted">
                {tCode(kind === 'stop' ? 'scope' : 'environment', detail)} · {t('home.exceptionSince')}{' '}
                <Time at={since} />
                {until !== null && (
                  <>
                    {' '}
                    · {t('home.exceptionUntil')} <Time at={until} />
                  </>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      {exceptions.length > shown && (
        <p className="muted">{t('home.withoutLeaveMore', { count: exceptions.length - shown })}</p>
      )}
    </Panel>
  )
}
