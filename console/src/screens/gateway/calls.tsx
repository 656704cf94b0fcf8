import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { listGatewayRecords } from '../../../../src/contracts/routes/gateway.ts'
import type { ItemOf } from '../../api/reading.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { Button } from '../../ui/button.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { placeChoice } from '../../ui/record-choices.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { toneOf } from './call-tone.ts'
import { FirstRequest } from './first-request.tsx'
import { GatewayScreen } from './gateway-screen.tsx'
import { CalledPlace } from './called-place.tsx'
import { keyChoice } from './key-choice.tsx'
import { guardCheck, readRecordFacts, type RuntimeRecord } from './runtime-record.ts'

type Row = ItemOf<typeof listGatewayRecords>
const everyMs = 2_000

/** Calls through the gateway, newest first, as they come. Pointing at the list or focusing it holds it still. */
export function GatewayCalls() {
  const [isLive, setLive] = useState(true)
  const [isHeld, setHeld] = useState(false)
  const toggle = () => setLive(!isLive)
  usePageCommands([{ label: isLive ? t('gateway.liveOff') : t('gateway.liveOn'), key: 'l', run: toggle }])
  return (
    <GatewayScreen
      tab="records"
      answer={t('gateway.answer')}
      actions={
        <>
          <span className="muted" role="status">
            {isLive ? (isHeld ? t('gateway.held') : t('gateway.live')) : t('gateway.still')}
          </span>
          <Button onClick={toggle}>{isLive ? t('gateway.liveOff') : t('gateway.liveOn')}</Button>
        </>
      }
    >
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- it only holds still what somebody points at */}
      <div
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={() => setHeld(true)}
        onBlur={() => setHeld(false)}
      >
        <RecordList
          id="gateway-records"
          route={listGatewayRecords}
          columns={columns}
          filters={[
            {
              name: 'action',
              label: t('gateway.outcome'),
              options: ['allow', 'block', 'fault'].map((action) => ({
                value: action,
                label: tCode('state', action),
              })),
            },
            { name: 'deployment', label: t('gateway.deployment'), choice: placeChoice },
            { name: 'key', label: t('gateway.key'), choice: keyChoice },
            { name: 'from', label: t('gateway.from'), type: 'instant' },
            { name: 'to', label: t('gateway.to'), type: 'instant' },
          ]}
          hrefOf={(row) => `/gateway/records/${String(row['id'])}`}
          keyOf={(row) => String(row['id'])}
          empty={<FirstRequest />}
          {...(isLive && !isHeld ? { everyMs } : {})}
        />
      </div>
    </GatewayScreen>
  )
}

/** A column of what the console knows of a record; a record of another form is shown by its id alone. */
function column(
  id: string,
  header: string,
  text: (record: RuntimeRecord) => string,
  cell?: Column<RuntimeRecord>['cell'],
  more: Pick<Column<Row>, 'align' | 'isHidden' | 'leaves'> = {},
): Column<Row> {
  return {
    id,
    header,
    ...more,
    text: (row) => {
      const record = readRecordFacts(row)
      return record === null ? '' : text(record)
    },
    cell: (row) => {
      const record = readRecordFacts(row)
      if (record === null) return <Status state="unknown" />
      return cell === undefined ? text(record) : cell(record)
    },
  }
}

const columns: readonly Column<Row>[] = [
  column(
    'at',
    t('gateway.time'),
    ({ at }) => new Date(at).toISOString(),
    ({ id, at }) => (
      <Link to={`/gateway/records/${id}`}>
        <Time at={new Date(at).toISOString()} />
      </Link>
    ),
  ),
  column(
    'deployment',
    t('gateway.deployment'),
    ({ deployment }) => deployment ?? '',
    ({ deployment }) => <CalledPlace id={deployment} />,
  ),
  column(
    'model',
    t('gateway.model'),
    ({ model }) => model ?? '',
    ({ dialect, model }) =>
      dialect === guardCheck ? (
        <span className="muted">{t('gateway.check')}</span>
      ) : (
        <Untrusted text={model ?? ''} />
      ),
  ),
  column(
    'outcome',
    t('gateway.outcome'),
    ({ action, codes }) => [action, ...codes].join(' '),
    ({ action, codes }) => (
      <>
        <Status state={action} tone={toneOf[action]} />
        {codes[0] !== undefined && <span className="muted"> {tCode('gatewayCode', codes[0])}</span>}
      </>
    ),
    { leaves: 'last' },
  ),
  column('status', t('gateway.status'), ({ status }) => String(status), undefined, { align: 'end' }),
  column('latency', t('gateway.latency'), ({ timing }) => `${timing.totalMs} ms`, undefined, {
    align: 'end',
  }),
  column(
    'tokensIn',
    t('gateway.tokensIn'),
    ({ usage }) => (usage === null ? '' : String(usage.inputTokens)),
    (record) => record.usage?.inputTokens ?? <Uncounted record={record} />,
    { align: 'end' },
  ),
  column(
    'tokensOut',
    t('gateway.tokensOut'),
    ({ usage }) => (usage === null ? '' : String(usage.outputTokens)),
    (record) => record.usage?.outputTokens ?? <Uncounted record={record} />,
    { align: 'end' },
  ),
  column(
    'id',
    t('registry.id'),
    ({ id }) => id,
    ({ id }) => <code>{id}</code>,
    { isHidden: true },
  ),
]

/** A call that was refused, and a check of texts, used nothing; of any other the provider has not said it. */
function Uncounted({ record: { action, dialect } }: { readonly record: RuntimeRecord }) {
  return action === 'block' || dialect === guardCheck ? null : <Status state="unknown" />
}
