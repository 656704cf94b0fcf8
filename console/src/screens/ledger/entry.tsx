import { useState } from 'react'
import {
  ledgerEntry,
  ledgerProof,
  ledgerStatus,
  revealEntry,
} from '../../../../src/contracts/routes/ledger.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { problemIn } from '../../api/client.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useAddress } from '../../frame/location.ts'
import { t, tCode } from '../../messages/ledger.ts'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { TextField } from '../../ui/field.tsx'
import { Go } from '../../ui/go.tsx'
import { Bones, Failure, Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { JsonTree } from './json-tree.tsx'
import { ProofPath } from './proof-path.tsx'
import { historyPath } from './streams.ts'
import { useVerified } from './use-verified.ts'
import { firstFault, type Verified } from './verify.ts'

type EntryView = ReplyOf<typeof ledgerEntry>

/** One recorded fact, what is sealed of it, and the proof that it stands where it stands. */
export function Entry() {
  const { id = '' } = useAddress()
  const read = useRead(ledgerEntry, { params: { id } })
  const entry = read.data
  const title =
    entry === undefined || entry.index === null
      ? t('ledger.entryWaiting')
      : t('ledger.entry', { index: entry.index })
  return (
    <Screen
      title={title}
      answer={
        entry === undefined
          ? undefined
          : t('ledger.entryAnswer', {
              kind: tCode('event', entry.kind),
              rev: entry.rev,
              stream: entry.stream,
            })
      }
      actions={
        entry !== undefined && (
          <Go to={historyPath(entry.stream)} className="button">
            {t('ledger.history')}
          </Go>
        )
      }
    >
      <Loaded read={read} rows={8}>
        {(found) => <Recorded entry={found} />}
      </Loaded>
    </Screen>
  )
}

function Recorded({ entry }: { readonly entry: EntryView }) {
  const status = useRead(ledgerStatus, { query: {} })
  const proof = useRead(ledgerProof, { params: { id: entry.id } })
  const verified = useVerified(entry, proof.data, status.data?.vkey)
  const { id, kind, stream, actor, at, commandId, facts } = entry
  return (
    <>
      <Facts
        rows={[
          [
            t('ledger.column.kind'),
            <span key="kind" className="row">
              {tCode('event', kind)} <code className="muted">{kind}</code>
            </span>,
          ],
          [t('ledger.column.stream'), <code key="stream">{stream}</code>],
          [t('ledger.column.actor'), <Actor key="actor" id={actor} />],
          [t('ledger.column.at'), <Time key="at" at={at} both />],
          [t('ledger.column.id'), <Id key="id" id={id} whole />],
          [t('ledger.column.command'), <Id key="cmd" id={commandId} whole />],
        ]}
      />
      <div className="columns">
        <div className="stack">
          <Panel title={t('ledger.facts')}>
            {Object.keys(facts).length === 0 ? (
              <p className="muted">{t('ledger.factsNone')}</p>
            ) : (
              <JsonTree value={facts} />
            )}
          </Panel>
          <Sealed entry={entry} commitment={verified?.sealedRoot ?? null} />
        </div>
        <Panel title={t('ledger.proof')}>
          {problemIn(proof.error)?.code === 'UNAVAILABLE' ? (
            <Note tone="unknown">{t('ledger.proofWaiting')}</Note>
          ) : proof.error !== null && proof.data === undefined ? (
            <Failure error={proof.error} onRetry={() => void proof.refetch()} />
          ) : verified === null || proof.data === undefined ? (
            <Bones rows={4} />
          ) : (
            <Proved verified={verified} index={proof.data.index} />
          )}
        </Panel>
      </div>
    </>
  )
}

function Proved({ verified, index }: { readonly verified: Verified; readonly index: number }) {
  const { outcome, checks, size } = verified
  const fault = firstFault(verified)
  const what = fault === null ? '' : tCode('ledger.fault', fault.fault ?? '', { name: fault.about ?? '' })
  return (
    <div className="stack">
      <Note
        tone={outcome === 'verified' ? 'good' : outcome === 'mismatch' ? 'breach' : 'unknown'}
        live="polite"
      >
        <p>
          <Status state={outcome} />
        </p>
        <p>
          {outcome === 'verified'
            ? t('ledger.result.verified', { index, size: size ?? 0 })
            : t(outcome === 'mismatch' ? 'ledger.result.mismatch' : 'ledger.result.unverifiable', { what })}
        </p>
      </Note>
      <ul className="stack">
        {checks.map((check) => (
          <li key={check.name} className="row spread nowrap">
            <span className="grow">{tCode('ledger.check', check.name)}</span>
            <Status state={check.outcome} />
          </li>
        ))}
      </ul>
      <p className="muted">{t('ledger.keyCaution')}</p>
      <ProofPath verified={verified} index={index} />
    </div>
  )
}

function Sealed({ entry, commitment }: { readonly entry: EntryView; readonly commitment: string | null }) {
  const [isAsking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const reveal = useCommand(revealEntry, () => setAsking(false))
  const mayReveal = useMe().data?.permissions.includes('sealed.reveal') === true
  const opened = reveal.state.k === 'recorded' ? reveal.state.reply.sealed : null
  const send = () => void reveal.send({ params: { id: entry.id }, body: { reason } })
  if (!entry.hasSealed && commitment === null)
    return (
      <Panel title={t('ledger.sealed')}>
        <p className="muted">{t('ledger.sealedNone')}</p>
      </Panel>
    )
  return (
    <Panel
      title={t('ledger.sealed')}
      actions={
        entry.hasSealed && (
          <Button onClick={() => setAsking(true)} whyNot={mayReveal ? null : t('ledger.revealWhyNot')}>
            {t('ledger.reveal')}
          </Button>
        )
      }
    >
      <div className="stack">
        <p className="muted">{t('ledger.sealedText')}</p>
        <Facts
          rows={[
            [
              t('ledger.sealedCommitment'),
              commitment === null ? (
                <Status key="unknown" state="unknown" />
              ) : (
                <Id key="root" id={commitment} whole />
              ),
            ],
          ]}
        />
        {!entry.hasSealed && <Note tone="neutral">{t('ledger.sealedErased')}</Note>}
        {opened !== null && (
          <>
            <Note tone="attention" live="polite">
              {t('ledger.revealed')}
            </Note>
            <JsonTree value={opened} />
          </>
        )}
      </div>
      <Dialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title={t('ledger.revealTitle')}
        footer={
          <>
            <Button onClick={() => setAsking(false)}>{t('common.cancel')}</Button>
            <Button kind="primary" onClick={send}>
              {t('ledger.reveal')}
            </Button>
          </>
        }
      >
        <p>{t('ledger.revealText')}</p>
        <TextField
          label={t('ledger.revealReason')}
          help={t('ledger.revealReasonHelp')}
          value={reason}
          onChange={setReason}
          rows={3}
        />
        <Outcome state={reveal.state} onRetry={send} />
      </Dialog>
    </Panel>
  )
}
