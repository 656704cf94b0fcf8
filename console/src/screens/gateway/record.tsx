import { Link } from '@tanstack/react-router'
import { readGatewayRecord } from '../../../../src/contracts/routes/gateway.ts'
import { useRead } from '../../api/reading.ts'
import { useAddress } from '../../frame/location.ts'
import { knows, t, tCode } from '../../messages/gateway.ts'
import { Id, shortened } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { ReleaseLink } from '../registry/release-link.tsx'
import { toneOf } from './call-tone.ts'
import { CalledPlace } from './called-place.tsx'
import { Content } from './content.tsx'
import { Findings } from './findings.tsx'
import { ProofPath } from './proof-path.tsx'
import { guardCheck, readRecordFacts, type RuntimeRecord } from './runtime-record.ts'

/** One call: what was decided about it, what is known of it, and the proof that this is what was recorded. */
export function GatewayRecord() {
  const { id = '' } = useAddress()
  const { data, error, refetch } = useRead(readGatewayRecord, { params: { id } })
  if (data === undefined)
    return <PendingScreen title={t('record.call')} error={error} onRetry={() => void refetch()} />
  const facts = readRecordFacts(data.record)
  return (
    <Screen
      title={t('record.title', { id: shortened(id) })}
      answer={facts === null ? t('record.otherForm') : <Answer record={facts} />}
    >
      {facts !== null && (
        <Panel title={t('record.findings')}>
          <Findings record={facts} />
        </Panel>
      )}
      {facts?.content === 'queued' && <Content record={facts} />}
      <div className="columns">
        <Panel title={t('record.call')}>
          {facts === null ? <pre>{JSON.stringify(data.record, null, 2)}</pre> : <Call record={facts} />}
        </Panel>
        <Panel title={t('record.proof')}>
          <ProofPath proven={data} />
        </Panel>
      </div>
    </Screen>
  )
}

function Answer({ record: { action, codes, deployment, at } }: { readonly record: RuntimeRecord }) {
  return (
    <>
      {tCode('record.answer', action)}
      {codes[0] !== undefined && `: ${tCode('gatewayCode', codes[0])}`}. <CalledPlace id={deployment} />,{' '}
      <Time at={new Date(at).toISOString()} both />
    </>
  )
}

function Call({ record }: { readonly record: RuntimeRecord }) {
  const { action, codes, released, status, model, release, grant, tier, mode, key, usage, timing } = record
  return (
    <div className="stack">
      <Facts
        rows={[
          [t('gateway.outcome'), <Status key="outcome" state={action} tone={toneOf[action]} />],
          [
            t('record.reasons'),
            codes.length === 0 ? (
              <span className="muted">{t('common.none')}</span>
            ) : (
              <ul key="codes">
                {codes.map((code) => (
                  <li key={code}>
                    {tCode('gatewayCode', code)} <code className="muted">{code}</code>
                  </li>
                ))}
              </ul>
            ),
          ],
          [t('gateway.inspection'), tCode('inspection', record.inspection)],
          [t('record.released'), tCode('record.releasedOf', released)],
          [t('gateway.status'), String(status)],
          [t('gateway.deployment'), <CalledPlace key="deployment" id={record.deployment} />],
          [t('gateway.dialect'), tCode('dialect', record.dialect)],
          [t('gateway.model'), model === null ? noModel(record) : <Untrusted key="model" text={model} />],
          [
            t('record.target'),
            record.target === null ? t('common.none') : <Id key="target" id={record.target} />,
          ],
          ...(record.tried.length === 0
            ? []
            : [[t('record.tried'), <Tried key="tried" of={record.tried} />] as const]),
          [t('place.release'), <ReleaseLink key="release" digest={release} />],
          [t('place.grant'), grant === null ? t('record.noGrant') : <Id key="grant" id={grant} />],
          [t('registry.tier'), <Tier key="tier" tier={tier} />],
          [t('record.mode'), mode === null ? t('common.unknown') : tCode('record.modeOf', mode)],
          [
            t('gateway.key'),
            key === null ? (
              t('gateway.nobody')
            ) : (
              <Link key="key" to="/gateway/records" search={{ key }}>
                <code>{shortened(key)}</code>
              </Link>
            ),
          ],
          [
            t('gateway.latency'),
            timing.firstByteMs === null
              ? t('record.latency', { total: timing.totalMs })
              : t('record.latencyFirst', { total: timing.totalMs, first: timing.firstByteMs }),
          ],
          [
            t('record.tokens'),
            usage === null
              ? record.dialect === guardCheck
                ? t('common.none')
                : t('common.unknown')
              : t('record.tokensOf', {
                  input: usage.inputTokens,
                  output: usage.outputTokens,
                  cached: usage.cachedInputTokens,
                }),
          ],
          [t('record.sent'), <Size key="sent" part={record.input} />],
          [t('record.answered'), <Size key="answered" part={record.output} />],
          [t('registry.id'), <Id key="id" id={record.id} whole />],
        ]}
      />
      {record.content !== 'queued' && (
        <p className="muted">{t(record.content === null ? 'record.noContent' : 'record.lostContent')}</p>
      )}
    </div>
  )
}

/** Targets that gave no answer, or could not be used, and why. */
function Tried({ of }: { readonly of: RuntimeRecord['tried'] }) {
  return (
    <ol>
      {of.map(({ target, code }, n) => (
        <li key={n}>
          <Id id={target} /> {wordsOf(code)}{' '}
          <code className="muted">
            <Untrusted text={code} />
          </code>
        </li>
      ))}
    </ol>
  )
}

function wordsOf(code: string): string {
  if (code === 'breaker_open') return t('record.breakerOpen')
  return knows('gatewayCode', code) ? tCode('gatewayCode', code) : ''
}

function noModel({ dialect }: RuntimeRecord): string {
  return dialect === guardCheck ? t('gateway.check') : t('common.none')
}

/** Size of a text that is not kept, and the commitment by which its owner could show it. */
function Size({ part }: { readonly part: RuntimeRecord['input'] }) {
  if (part === null) return <span className="muted">{t('common.none')}</span>
  return (
    <>
      {t('record.bytes', { bytes: part.bytes })} <Id id={part.hmac} />
    </>
  )
}
