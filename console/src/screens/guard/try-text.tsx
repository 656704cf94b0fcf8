import { useState } from 'react'
import { guardChannels, tryGuard } from '../../../../src/contracts/routes/guard-feedback.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Status } from '../../ui/status.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { Severity } from '../gateway/severity.tsx'
import { DeploymentField } from './deployment-field.tsx'
import { Features } from './features.tsx'
import { GuardScreen } from './guard-screen.tsx'
import { ProposeDialog } from './propose-dialog.tsx'

type Found = ReplyOf<typeof tryGuard>['findings'][number]

/** A text that somebody makes up, what the guard finds in it, and why. Nothing of it is stored. */
export function GuardTry() {
  const permissions = useMe().data?.permissions ?? []
  const [text, setText] = useState('')
  const [channel, setChannel] = useState<(typeof guardChannels)[number]>('document')
  const [deployment, setDeployment] = useState('')
  const [tried, setTried] = useState<{ readonly text: string; readonly findings: readonly Found[] } | null>(
    null,
  )
  const [open, setOpen] = useState<Found | null>(null)
  const { state, send } = useCommand(tryGuard)
  const mayTry = permissions.includes('guard.feedback')
  const tryIt = async () => {
    const reply = await send({ body: { text, channel, deployment: deployment === '' ? null : deployment } })
    if (reply !== null) setTried({ text, findings: reply.findings })
  }
  const set = (change: () => void) => {
    setTried(null)
    change()
  }
  return (
    <GuardScreen tab="try" answer={t('try.answer')}>
      {!mayTry && <Note>{t('common.noAccess')}</Note>}
      {mayTry && (
        <Panel title={t('try.title')}>
          <div className="stack">
            <TextField
              label={t('try.text')}
              value={text}
              onChange={(value) => set(() => setText(value))}
              rows={6}
            />
            <div className="row">
              <SelectField
                label={t('try.channel')}
                value={channel}
                onChange={(value) =>
                  set(() => setChannel(guardChannels.find((name) => name === value) ?? channel))
                }
                options={guardChannels.map((value) => ({ value, label: tCode('channel', value) }))}
              />
              <DeploymentField
                value={deployment}
                onChange={(value) => set(() => setDeployment(value))}
                empty={t('try.nowhere')}
              />
            </div>
            <div className="row">
              <Button
                kind="primary"
                whyNot={text === '' ? t('try.noText') : null}
                onClick={() => void tryIt()}
              >
                {t('try.verb')}
              </Button>
            </div>
            <Outcome state={state} />
          </div>
        </Panel>
      )}
      {tried !== null && (
        <Panel title={t('try.found')}>
          <div className="stack" role="status">
            {tried.findings.length === 0 ? (
              <p>{t('try.nothing')}</p>
            ) : (
              <ol className="finding-list">
                {tried.findings.map((found, n) => (
                  <li key={n}>
                    <FindingOf
                      found={found}
                      text={tried.text}
                      onPropose={
                        deployment !== '' &&
                        found.isLeft &&
                        found.window !== null &&
                        permissions.includes('guardPolicy.write')
                          ? () => setOpen(found)
                          : null
                      }
                    />
                  </li>
                ))}
              </ol>
            )}
          </div>
        </Panel>
      )}
      {open !== null && (
        <ProposeDialog of={{ ...open, channel, deploymentId: deployment }} onClose={() => setOpen(null)} />
      )}
    </GuardScreen>
  )
}

function FindingOf({
  found: { rule, kind, severity, isLeft, start, end, score, z, via, features },
  text,
  onPropose,
}: {
  readonly found: Found
  readonly text: string
  readonly onPropose: (() => void) | null
}) {
  return (
    <>
      <p className="row">
        <strong>{tCode('findingKind', kind)}</strong>
        <code>{rule}</code>
        <Severity severity={severity} />
        <Status state={isLeft ? 'open' : 'waived'} word={t(isLeft ? 'try.counts' : 'try.passes')} />
      </p>
      <p>
        <mark>
          <Untrusted text={text.slice(start, end)} />
        </mark>
      </p>
      {via.length > 0 && <p className="muted">{t('try.via', { via: via.join(', ') })}</p>}
      {score !== null && z !== null && (
        <p>{t('try.score', { percent: (score * 100).toFixed(1), z: z.toFixed(2) })}</p>
      )}
      <Features features={features} />
      {onPropose !== null && <Button onClick={onPropose}>{t('feedback.propose')}</Button>}
    </>
  )
}
