import { useState, type ReactNode } from 'react'
import { loadDemo, readDemo, removeDemo, startDemo } from '../../../../src/contracts/routes/demo.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/demo.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Go } from '../../ui/go.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

type Demo = ReplyOf<typeof readDemo>
type State<K extends Demo['state']['k']> = Demo['state'] & { readonly k: K }
type Act = 'load' | 'start' | 'remove'

const routes = { load: loadDemo, start: startDemo, remove: removeDemo } as const
const shownSteps = 5
const quietMs = 10_000
const busyMs = 1_000

/**
 * The demo organisation beside this installation. `offer`: also where there is none yet; else the panel is there only while
 * there is something to remove.
 */
export function DemoPanel({ place }: { readonly place: 'offer' | 'rest' }) {
  const [isBusy, setBusy] = useState(false)
  const read = useRead(readDemo, { query: {} }, { everyMs: isBusy ? busyMs : quietMs })
  const [act, setAct] = useState<Act | null>(null)
  const k = read.data?.state.k
  const isMoving = k === 'loading' || k === 'starting' || k === 'removing'
  if (isMoving !== isBusy) setBusy(isMoving)
  if (place === 'rest' && (k === undefined || k === 'none')) return null
  return (
    <Panel title={t('demo.title')}>
      <div className="stack">
        <p className="muted">{t('demo.about')}</p>
        <Loaded read={read} rows={2}>
          {(demo) => <Body demo={demo} onAct={setAct} />}
        </Loaded>
      </div>
      {act !== null && (
        <CommandDialog
          route={routes[act]}
          input={() => ({})}
          title={t(`demo.${act}`)}
          verb={t(`demo.${act}`)}
          says={t(`demo.${act}Says`)}
          isDanger={act === 'remove'}
          onClose={() => setAct(null)}
        />
      )}
    </Panel>
  )
}

function Body({ demo, onAct }: { readonly demo: Demo; readonly onAct: (act: Act) => void }) {
  const { state, hindrance } = demo
  const whyNot = hindrance === null ? null : tCode('demoHindrance', hindrance)
  const remove = <Button onClick={() => onAct('remove')}>{t('demo.remove')}</Button>
  const start = (
    <Button kind="primary" onClick={() => onAct('start')} whyNot={whyNot}>
      {t('demo.start')}
    </Button>
  )
  switch (state.k) {
    case 'none':
      return <Offer demo={demo} whyNot={whyNot} onLoad={() => onAct('load')} />
    case 'loading':
      return (
        <>
          <Steps state={state} />
          <Row>{remove}</Row>
        </>
      )
    case 'starting':
      return <p role="status">{t('demo.starting')}</p>
    case 'running':
      return (
        <>
          <p>{t('demo.running', { origin: state.origin })}</p>
          <p>{t('demo.signIn')}</p>
          <Row>
            <a className="button primary" href={state.origin} target="_blank" rel="noreferrer">
              {t('demo.open')}
            </a>
            {remove}
          </Row>
        </>
      )
    case 'stopped':
      return (
        <>
          <p>{t('demo.stopped')}</p>
          <Row>
            {start}
            {remove}
          </Row>
        </>
      )
    case 'removing':
      return <p role="status">{t('demo.removing')}</p>
    case 'failed':
      return (
        <>
          <Note tone="attention" live="polite">
            <p>{tCode('demoFailed', state.during)}</p>
            <p>
              {t('demo.why')}: <Untrusted text={state.why} />
            </p>
          </Note>
          <Row>
            {state.during === 'load' && (
              <Button kind="primary" onClick={() => onAct('load')} whyNot={whyNot}>
                {t('demo.loadAgain')}
              </Button>
            )}
            {(state.during === 'start' || state.during === 'run') && start}
            {remove}
          </Row>
        </>
      )
    default:
      return state satisfies never
  }
}

function Row({ children }: { readonly children: ReactNode }) {
  return <div className="row">{children}</div>
}

function Offer({
  demo: { isEmpty },
  whyNot,
  onLoad,
}: {
  readonly demo: Demo
  readonly whyNot: string | null
  readonly onLoad: () => void
}) {
  const mayStart = useMe().data?.permissions.includes('useCase.start') === true
  const objection = whyNot ?? (isEmpty ? null : t('demo.notEmpty'))
  return (
    <>
      <p className="muted">
        {objection === null ? t('demo.aboutLoad') : `${t('demo.notOffered')} ${objection}`}
      </p>
      <Row>
        <Button onClick={onLoad} whyNot={objection}>
          {t('demo.load')}
        </Button>
        {mayStart ? (
          <>
            <span className="muted">{t('demo.registerWith')}</span>
            <Go to="/intake/new">{t('demo.register')}</Go>
          </>
        ) : (
          <span className="muted">{t('demo.registerOthers')}</span>
        )}
      </Row>
    </>
  )
}

/** How far the walk is. The whole of it can be scrolled through; its newest step is announced. */
function Steps({ state: { steps } }: { readonly state: State<'loading'> }) {
  const newest = steps.slice(-shownSteps)
  const first = steps.length - newest.length + 1
  return (
    <>
      <p role="status">{t('demo.loading', { step: steps.length })}</p>
      <ol className="demo-steps" start={first} aria-label={t('demo.steps')}>
        {newest.map((line, i) => (
          <li key={first + i} value={first + i}>
            <Untrusted text={line} />
          </li>
        ))}
      </ol>
    </>
  )
}
