import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { replayToolPolicy } from '../../../../src/contracts/routes/tool-policies.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/tools.ts'
import { Button } from '../../ui/button.tsx'
import { CheckField } from '../../ui/field.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Empty } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { DecisionText } from './policy-decision.tsx'
import { TryCall } from './try-call.tsx'

export type Candidate = { readonly text: string; readonly args: string } | { readonly digest: string }
type Reply = ReplyOf<typeof replayToolPolicy>
type Replay = Extract<Reply, { k: 'replay' }>
type Call = Replay['calls'][number]

/** What a policy would do: with recent calls, and with one that somebody makes up. */
export function PolicyBench({ candidate }: { readonly candidate: Candidate }) {
  const mayTry = useMe().data?.permissions.includes('toolPolicy.write') === true
  const [reply, setReply] = useState<Reply | null>(null)
  const { state, send } = useCommand(replayToolPolicy, setReply)
  if (!mayTry) return null
  return (
    <Panel title={t('bench.title')}>
      <div className="stack">
        <p>{t('bench.says')}</p>
        <p className="muted">{t('bench.replayText')}</p>
        <div className="row">
          <Button onClick={() => void send({ body: { candidate } })}>{t('bench.replay')}</Button>
        </div>
        <Outcome state={state} />
        {reply?.k === 'faults' && <Faults faults={reply.faults} />}
        {reply?.k === 'replay' && <Replayed replay={reply} />}
        <TryCall candidate={candidate} />
      </div>
    </Panel>
  )
}

/** Why a draft cannot be tried. */
export function Faults({ faults }: { readonly faults: readonly { readonly message: string }[] }) {
  return (
    <Note tone="breach" live="polite">
      <p>{t('policy.faults', { count: faults.length })}</p>
      <ul>
        {faults.map(({ message }) => (
          <li key={message}>
            <Untrusted text={message} />
          </li>
        ))}
      </ul>
    </Note>
  )
}

function Replayed({ replay: { counts, calls } }: { readonly replay: Replay }) {
  const [isNarrow, setNarrow] = useState(true)
  const shown = isNarrow ? calls.filter(({ isDifferent }) => isDifferent !== false) : calls
  if (calls.length === 0) return <Empty>{t('bench.noCalls')}</Empty>
  return (
    <>
      <p role="status">{t('bench.counts', counts)}</p>
      <CheckField label={t('bench.onlyDifferent')} checked={isNarrow} onChange={setNarrow} />
      {shown.length > 0 && (
        <Grid
          label={t('bench.replay')}
          rows={shown}
          keyOf={(call) => `${call.record} ${calls.indexOf(call)}`}
          columns={columns}
        />
      )}
    </>
  )
}

function Answer({ of }: { readonly of: Call['candidate'] }) {
  if (of.k === 'decided') return <DecisionText decision={of.decision} />
  return (
    <span className="muted">
      {tCode('bench', of.k)} <code>{of.policies.join(', ')}</code>
    </span>
  )
}

const columns = [
  {
    id: 'at',
    header: t('gateway.time'),
    cell: ({ at, record }: Call) => (
      <Link to={`/gateway/records/${record}`}>
        <Time at={at} />
      </Link>
    ),
  },
  { id: 'tool', header: t('tool.name'), cell: ({ tool }: Call) => <Untrusted text={tool} /> },
  { id: 'taint', header: t('bench.taint'), cell: ({ taint }: Call) => tCode('bench.taintOf', taint) },
  {
    id: 'then',
    header: t('bench.then'),
    cell: ({ recorded }: Call) => <DecisionText decision={recorded} />,
  },
  { id: 'current', header: t('bench.current'), cell: ({ current }: Call) => <Answer of={current} /> },
  { id: 'candidate', header: t('bench.candidate'), cell: ({ candidate }: Call) => <Answer of={candidate} /> },
]
