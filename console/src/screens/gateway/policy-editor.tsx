import { useBlocker } from '@tanstack/react-router'
import { useId, useRef, useState, type ReactNode } from 'react'
import { checkToolPolicy } from '../../../../src/contracts/routes/tool-policies.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/tools.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

export type Draft = { readonly text: string; readonly args: string }
type Fault = ReplyOf<typeof checkToolPolicy>['faults'][number]

/**
 * Cedar with line numbers, checked by the server; what is wrong has a button that goes to its place. Whoever leaves with
 * something unsaved is asked first.
 */
export function PolicyEditor({
  draft,
  isDirty,
  onChange,
  children,
}: {
  readonly draft: Draft
  readonly isDirty: boolean
  readonly onChange: (draft: Draft) => void
  /** What can be done with the draft. */
  readonly children: ReactNode
}) {
  const [faults, setFaults] = useState<readonly Fault[] | null>(null)
  const { state, send } = useCommand(checkToolPolicy, (reply) => setFaults(reply.faults))
  const area = useRef<HTMLTextAreaElement>(null)
  const change = (next: Draft) => {
    setFaults(null)
    onChange(next)
  }
  const goTo = ({ line, column }: Fault) => {
    const before = draft.text.split('\n').slice(0, (line ?? 1) - 1)
    const at = before.reduce((sum, text) => sum + text.length + 1, 0) + (column ?? 1) - 1
    area.current?.focus()
    area.current?.setSelectionRange(at, at)
  }
  return (
    <div className="stack">
      <CodeArea
        label={t('policy.text')}
        value={draft.text}
        areaRef={area}
        wrong={
          new Set(
            (faults ?? []).flatMap(({ part, line }) => (part === 'text' && line !== null ? [line] : [])),
          )
        }
        onChange={(text) => change({ ...draft, text })}
      />
      <TextField
        label={t('policy.args')}
        help={t('policy.argsHelp')}
        value={draft.args}
        onChange={(args) => change({ ...draft, args })}
        isMono
      />
      <Outcome state={state} />
      {faults?.length === 0 && (
        <Note tone="good" live="polite">
          {t('policy.sound')}
        </Note>
      )}
      {faults !== null && faults.length > 0 && (
        <Note tone="breach" live="polite">
          <p>{t('policy.faults', { count: faults.length })}</p>
          <ul>
            {faults.map((fault) => (
              <li key={JSON.stringify(fault)}>
                {fault.part === 'args' ? (
                  t('policy.inArgs')
                ) : fault.line === null ? null : (
                  <Button kind="quiet" onClick={() => goTo(fault)}>
                    {t('policy.goTo', { line: fault.line, column: fault.column ?? 1 })}
                  </Button>
                )}{' '}
                <Untrusted text={fault.message} />
              </li>
            ))}
          </ul>
        </Note>
      )}
      <div className="row">
        <Button onClick={() => void send({ body: draft })}>{t('policy.check')}</Button>
        {children}
      </div>
      <DirtyGuard isDirty={isDirty} />
    </div>
  )
}

function CodeArea({
  label,
  value,
  areaRef,
  wrong,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly areaRef: React.RefObject<HTMLTextAreaElement | null>
  readonly wrong: ReadonlySet<number>
  readonly onChange: (text: string) => void
}) {
  const id = useId()
  const numbers = useRef<HTMLPreElement>(null)
  const lines = value.split('\n')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="code-area">
        <pre ref={numbers} aria-hidden="true">
          {lines.map((_, i) => (
            // oxlint-disable-next-line react/no-array-index-key -- a line number is its place
            <span key={i} className={wrong.has(i + 1) ? 'diff-removed' : ''}>{`${i + 1}\n`}</span>
          ))}
        </pre>
        <textarea
          id={id}
          ref={areaRef}
          className="input mono"
          rows={Math.min(28, Math.max(12, lines.length + 1))}
          wrap="off"
          spellCheck={false}
          autoComplete="off"
          value={value}
          aria-invalid={wrong.size > 0}
          onChange={(event) => onChange(event.target.value)}
          onScroll={({ currentTarget }) => numbers.current?.scrollTo({ top: currentTarget.scrollTop })}
        />
      </div>
    </div>
  )
}

/** Asks before something unsaved is left, within the console and beyond it. */
function DirtyGuard({ isDirty }: { readonly isDirty: boolean }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  })
  if (status !== 'blocked') return null
  return (
    <Dialog open onClose={reset} title={t('policy.unsaved')}>
      <div className="row end">
        <Button onClick={proceed} kind="danger">
          {t('policy.leave')}
        </Button>
        <Button onClick={reset} autoFocus>
          {t('policy.stay')}
        </Button>
      </div>
    </Dialog>
  )
}
