import { useState } from 'react'
import { ledgerStatus } from '../../../../src/contracts/routes/ledger.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { problemIn } from '../../api/client.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t } from '../../messages/ledger.ts'
import { Button } from '../../ui/button.tsx'
import { duration } from '../../ui/clock.ts'
import { Id } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { parseCheckpoint, parseVerifierKey } from './checkpoint.ts'
import { EntryList } from './entry-list.tsx'
import { hex } from './merkle.ts'
import { VerifyYourself } from './verify-yourself.tsx'

type LedgerStatus = ReplyOf<typeof ledgerStatus>

/** What was recorded, whether the log follows, and how a stranger checks it. */
export function Ledger() {
  const read = useRead(ledgerStatus, { query: {} }, { live: 'health' })
  const { data } = read
  const isClosed = problemIn(read.error)?.code === 'FORBIDDEN'
  return (
    <Screen
      title={t('rail.ledger')}
      answer={data === undefined ? undefined : answerOf(data)}
      actions={data !== undefined && <Export size={data.size} />}
    >
      <Loaded read={read} rows={5}>
        {(status) => (
          <>
            {status.state === 'halted' && (
              <Note tone="breach">{t('ledger.answerHalted', { detail: status.detail ?? status.state })}</Note>
            )}
            <div className="columns">
              <State status={status} />
              <VerifyYourself vkey={status.vkey} />
            </div>
          </>
        )}
      </Loaded>
      {!isClosed && (
        <Panel title={t('ledger.entries')}>
          <EntryList id="ledger-entries" />
        </Panel>
      )}
    </Screen>
  )
}

function answerOf({ state, detail, size, queued }: LedgerStatus): string {
  if (state === 'halted') return t('ledger.answerHalted', { detail: detail ?? state })
  return size === 0 ? t('ledger.answerEmpty') : t('ledger.answer', { size, queued })
}

function State({ status }: { readonly status: LedgerStatus }) {
  const { state, size, queued, oldestQueuedMs, origin, checkpoint, vkey } = status
  const parsed = checkpoint === null ? null : parseCheckpoint(checkpoint)
  const key = parseVerifierKey(vkey)
  return (
    <Panel title={t('ledger.state')}>
      <Facts
        rows={[
          [t('ledger.stateWord'), <Status key="state" state={state} />],
          [
            t('ledger.size'),
            <span key="size" className="num">
              {size}
            </span>,
          ],
          [t('ledger.queue'), t('ledger.queueOldest', { count: queued, duration: duration(oldestQueuedMs) })],
          [t('ledger.origin'), <code key="origin">{origin ?? t('common.none')}</code>],
          [
            t('ledger.checkpoint'),
            parsed === null ? (
              t('ledger.checkpointNone')
            ) : (
              <span key="checkpoint">
                <span className="num">{String(parsed.size)}</span> · <Id id={hex(parsed.root)} whole />
              </span>
            ),
          ],
          [t('ledger.vkey'), <Id key="vkey" id={vkey} whole />],
          [
            t('ledger.fingerprint'),
            key === null ? <Status state="unverifiable" /> : <Id key="print" id={key.fingerprint} whole />,
          ],
        ]}
      />
    </Panel>
  )
}

function Export({ size }: { readonly size: number }) {
  const [isOpen, setOpen] = useState(false)
  const mayExport = useMe().data?.permissions.includes('ledger.export') === true
  return (
    <>
      <Button
        onClick={() => setOpen(true)}
        whyNot={mayExport ? (size === 0 ? t('ledger.answerEmpty') : null) : t('ledger.exportWhyNot')}
      >
        {t('ledger.export')}
      </Button>
      <Dialog
        open={isOpen}
        onClose={() => setOpen(false)}
        title={t('ledger.exportTitle')}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
            <a
              className="button primary"
              href="/api/v1/ledger/export"
              download
              onClick={() => setOpen(false)}
            >
              {t('ledger.exportDownload')}
            </a>
          </>
        }
      >
        <p>{t('ledger.exportText', { size })}</p>
      </Dialog>
    </>
  )
}
