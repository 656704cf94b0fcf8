import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/home.ts'
import { Go } from '../../ui/go.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Shape } from '../../ui/status.tsx'
import { setupPaths } from './record-path.ts'

/** The eight steps from an empty installation to a proved call, as far as the facts say that they are done. */
export function FirstUse({ steps }: { readonly steps: ReplyOf<typeof readOverview>['setup'] }) {
  const done = steps.filter(({ isDone }) => isDone).length
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
                    {t('home.setupBy', { who: tCode('setup', `${step}.who`) })}.
                  </span>
                )}
              </span>
              {!isDone && <Go to={setupPaths[step] ?? '/'}>{tCode('setup', `${step}.open`)}</Go>}
            </li>
          ))}
        </ol>
      </div>
    </Panel>
  )
}
