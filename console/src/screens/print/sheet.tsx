import { sha256 } from '@noble/hashes/sha2.js'
import { useIsFetching } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { canonicalJson } from '../../../../src/kernel/canonical-json.ts'
import { t } from '../../messages/print.ts'
import { Button } from '../../ui/button.tsx'
import { Facts } from '../../ui/facts.tsx'
import { setPageBox } from '../../ui/page-boxes.ts'
import { Panel } from '../../ui/panel.tsx'
import { save } from '../../ui/save-file.ts'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { hex, utf8 } from '../ledger/merkle.ts'
import { useRecordProof, type RecordProof } from './record-proof.ts'

/**
 * A record as it is printed. Its head, repeated in the margin of every page, says what it is about, from which data it was
 * drawn, under which checkpoint and whether its entries verify; its end says how somebody else checks that.
 */
export function PrintSheet({
  title,
  scope,
  back,
  data,
  streams,
  children,
}: {
  readonly title: string
  readonly scope: string
  /** The address of the record. */
  readonly back: string
  /** The answers of the server from which the sheet is drawn. */
  readonly data: unknown
  /** The streams of the ledger in which the record stands. */
  readonly streams: readonly string[]
  readonly children: ReactNode
}) {
  const proof = useRecordProof(streams)
  const isRead = useSettled()
  const text = useMemo(() => canonicalJson(data), [data])
  const digest = useMemo(() => `sha256:${hex(sha256(utf8(text)))}`, [text])
  const file = `${back.split('/').at(-1) ?? 'record'}.json`
  useEffect(() => {
    setPageBox('scope', t('print.boxScope', { scope, digest }))
    setPageBox('proof', proof === null ? null : boxOf(proof))
    return () => {
      setPageBox('scope', null)
      setPageBox('proof', null)
    }
  }, [scope, digest, proof])
  const isReady = isRead && proof !== null
  return (
    <Screen
      title={title}
      answer={t('print.answer')}
      actions={
        <>
          <Link to={back}>{t('print.back')}</Link>
          <Button onClick={() => save(new Blob([text], { type: 'application/json' }), file)}>
            {t('print.save')}
          </Button>
          <Button
            kind="primary"
            onClick={() => window.print()}
            whyNot={isReady ? null : t('print.preparing')}
          >
            {t('print.print')}
          </Button>
        </>
      }
    >
      <Panel title={t('print.about')}>
        <Facts
          rows={[
            [t('print.scope'), scope],
            [
              t('print.digest'),
              <code key="digest" className="whole">
                {digest}
              </code>,
            ],
            [
              t('print.checkpoint'),
              proof?.checkpoint == null ? (
                <Status key="no" state="unknown" />
              ) : (
                <code>{proof.checkpoint}</code>
              ),
            ],
            [
              t('print.proof'),
              proof === null ? (
                <Status key="proof" state="pending" word={t('print.checking')} />
              ) : (
                <div className="row">
                  <Status state={proof.outcome} />
                  <span>{proof.words}</span>
                </div>
              ),
            ],
          ]}
        />
      </Panel>
      <div className="sheet">{children}</div>
      <div className="unsplit">
        <Panel title={t('print.verify')}>
          <div className="stack">
            <p>{t('print.verifyData')}</p>
            <pre>{`sha256sum ${file}`}</pre>
            {proof?.vkey != null && (
              <>
                <p>{t('print.verifyLog')}</p>
                <pre>{`countersign ledger verify ledger.jsonl --vkey '${proof.vkey}' --require unanchored`}</pre>
                <p>{t('print.verifyKey')}</p>
              </>
            )}
            {proof?.note != null && (
              <>
                <p>{t('print.signedHead')}</p>
                <pre>{proof.note}</pre>
              </>
            )}
          </div>
        </Panel>
      </div>
    </Screen>
  )
}

function boxOf({ outcome, words, checkpoint }: RecordProof): string {
  return t('print.boxProof', { proof: `${t(`state.${outcome}`)}: ${words}`, checkpoint: checkpoint ?? '' })
}

/** Whether everything that the sheet asks for has been read once; what is read again later does not take that back. */
function useSettled(): boolean {
  const isFetching = useIsFetching() > 0
  const [isSettled, setSettled] = useState(false)
  useEffect(() => {
    if (!isFetching) setSettled(true)
  }, [isFetching])
  return isSettled
}
