import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/home.ts'
import { Go } from '../../ui/go.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Shape } from '../../ui/status.tsx'
import { setupPaths } from './record-path.ts'

/** The permission that a step takes; `seat` is a place in the committee, and the charter takes somebody without a role over others. */
const needs: Readonly<Record<string, string>> = {
  second_administrator: 'people.manage',
  charter: 'seat_to_be',
  provider: 'gateway.manage',
  intake: 'useCase.start',
  release: 'release.create',
  check: 'check.record',
  decision: 'seat',
}

/** The eight steps from an empty installation to a proved call, as far as the facts say that they are done. */
export function FirstUse({ steps }: { readonly steps: ReplyOf<typeof readOverview>['setup'] }) {
  const done = steps.filter(({ isDone }) => isDone).length
  const me = useMe().data
  const isTheirs = (step: string) => {
    const need = needs[step]
    if (me === undefined || need === undefined) return true
    if (need === 'seat') return me.seat !== null
    // INVARIANT: an administrator holds no seat, so whoever manages people drafts no charter; the decider says it again.
    if (need === 'seat_to_be') return !me.permissions.includes('people.manage')
    return me.permissions.includes(need)
  }
  const next = steps.find(({ isDone }) => !isDone)?.step
  return (
    <Panel title={t('home.setup')}>
      <div className="stack">
        <p>
          {t('home.setupIntro', { done, total: steps.length })} {t('home.setupAlone')}
        </p>
        <ol className="first-use">
          {steps.map(({ step, isDone }, i) => (
            <li
              key={step}
              className={step === next ? 'next' : isDone ? 'done' : ''}
              aria-current={step === next ? 'step' : undefined}
            >
              <span className={isDone ? 'tone-good' : 'tone-neutral'}>
                <Shape tone={isDone ? 'good' : 'neutral'} />
                <span className="sr-only">{isDone ? t('state.met') : t('state.unmet')}</span>
              </span>
              <span className="grow">
                <strong>
                  {i + 1}. {tCode('setup', step)}
                </strong>
                {!isDone && (
                  <span className="muted">
                    {' '}
                    {tCode('setup', `${step}.text`)}{' '}
                    {t(isTheirs(step) ? 'home.setupBy' : 'home.setupByOthers', {
                      who: tCode('setup', `${step}.who`),
                    })}
                  </span>
                )}
              </span>
              {!isDone && isTheirs(step) && (
                <Go to={setupPaths[step] ?? '/'}>{tCode('setup', `${step}.open`)}</Go>
              )}
            </li>
          ))}
        </ol>
      </div>
    </Panel>
  )
}
