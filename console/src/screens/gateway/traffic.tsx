import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import {
  callActions,
  dialects,
  findingKinds,
  listGatewayRecords,
  severities,
} from '../../../../src/contracts/routes/gateway.ts'
import { queries } from '../../api/client.ts'
import type { ItemOf } from '../../api/reading.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { codes, t, tCode } from '../../messages/gateway.ts'
import { Button } from '../../ui/button.tsx'
import type { Column, Filter } from '../../ui/list-columns.ts'
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
import { Severity } from './severity.tsx'
import { Tallies } from './tallies.tsx'

type Row = ItemOf<typeof listGatewayRecords>

/** Calls through the gateway, newest first, as they come. Pointing at the list or focusing it holds it still. */
export function GatewayTraffic() {
  const [isLive, setLive] = useState(true)
  const [isHeld, setHeld] = useState(false)
  // What has come meanwhile nobody told us of.
  const catchUp = () => void queries.invalidateQueries({ queryKey: [listGatewayRecords.id] })
  const toggle = () => {
    setLive(!isLive)
    if (!isLive) catchUp()
  }
  const letGo = () => {
    setHeld(false)
    if (isLive) catchUp()
  }
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
      <Tallies />
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- it only holds still what somebody points at */}
      <div
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={letGo}
        onFocus={() => setHeld(true)}
        onBlur={({ currentTarget, relatedTarget }) => {
          if (!currentTarget.contains(relatedTarget)) letGo()
        }}
      >
        <RecordList
          id="gateway-records"
          route={listGatewayRecords}
          columns={columns}
          filters={filters}
          hrefOf={(row) => `/gateway/records/${String(row['id'])}`}
          keyOf={(row) => String(row['id'])}
          empty={<FirstRequest />}
          {...(isLive && !isHeld ? { live: 'traffic' } : {})}
        />
      </div>
    </GatewayScreen>
  )
}

/** Choices of a member, with the words of their group. */
const choices = (group: Parameters<typeof tCode>[0], values: readonly string[]) =>
  values.map((value) => ({ value, label: tCode(group, value) }))

const filters: readonly Filter[] = [
  { name: 'action', label: t('gateway.outcome'), options: choices('state', callActions) },
  {
    name: 'findings',
    label: t('gateway.hasFindings'),
    options: choices('gateway.hasFindingsOf', ['some', 'none']),
  },
  { name: 'kind', label: t('gateway.kind'), options: choices('findingKind', findingKinds) },
  { name: 'deployment', label: t('gateway.deployment'), choice: placeChoice },
  { name: 'key', label: t('gateway.key'), choice: keyChoice },
  {
    name: 'severity',
    label: t('gateway.severity'),
    options: choices('severity', severities.toReversed()),
    isFurther: true,
  },
  { name: 'model', label: t('gateway.model'), isFurther: true },
  { name: 'code', label: t('gateway.code'), options: choices('gatewayCode', codes), isFurther: true },
  { name: 'dialect', label: t('gateway.dialect'), options: choices('dialect', dialects), isFurther: true },
  {
    name: 'inspection',
    label: t('gateway.inspection'),
    options: choices('inspection', ['complete', 'partial', 'none']),
    isFurther: true,
  },
  { name: 'from', label: t('gateway.from'), type: 'instant', isFurther: true },
  { name: 'to', label: t('gateway.to'), type: 'instant', isFurther: true },
]

/** A column of what the console knows of a record; a record of another form is shown by its id alone. */
function column(
  id: string,
  header: string,
  text: (record: RuntimeRecord) => string,
  cell?: Column<RuntimeRecord>['cell'],
  more: Pick<Column<Row>, 'align' | 'isHidden' | 'isShort' | 'leaves'> = {},
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
    { leaves: 'last', isShort: true },
  ),
  column(
    'findings',
    t('gateway.findings'),
    ({ findings, findingCount }) =>
      findingCount === 0 ? '' : [findingCount, findings[0]?.severity ?? ''].join(' '),
    (record) => <Found record={record} />,
    { leaves: 'last' },
  ),
  column('status', t('gateway.status'), ({ status }) => String(status), undefined, {
    align: 'end',
    isHidden: true,
  }),
  column(
    'latency',
    t('gateway.latency'),
    ({ timing }) => `${timing.totalMs} ms`,
    ({ timing }) => t('gateway.ms', { ms: timing.totalMs }),
    { align: 'end' },
  ),
  column(
    'tokensIn',
    t('gateway.tokensIn'),
    ({ usage }) => (usage === null ? '' : String(usage.inputTokens)),
    (record) => <Tokens record={record} of="inputTokens" />,
    { align: 'end' },
  ),
  column(
    'tokensOut',
    t('gateway.tokensOut'),
    ({ usage }) => (usage === null ? '' : String(usage.outputTokens)),
    (record) => <Tokens record={record} of="outputTokens" />,
    { align: 'end' },
  ),
  column('dialect', t('gateway.dialect'), ({ dialect }) => tCode('dialect', dialect), undefined, {
    isHidden: true,
  }),
  column(
    'inspection',
    t('gateway.inspection'),
    ({ inspection }) => tCode('inspection', inspection),
    undefined,
    { isHidden: true },
  ),
  column(
    'id',
    t('registry.id'),
    ({ id }) => id,
    ({ id }) => <code>{id}</code>,
    { isHidden: true },
  ),
]

/** How much was found, and how bad the worst of it is. What was not read is not known to be clean. */
function Found({ record: { findings, findingCount, inspection } }: { readonly record: RuntimeRecord }) {
  const [worst] = findings
  if (worst !== undefined)
    return (
      <>
        <span className="num">{findingCount}</span> <Severity severity={worst.severity} />
      </>
    )
  return (
    <span className="muted">{inspection === 'none' ? t('gateway.notRead') : t('gateway.noFindings')}</span>
  )
}

/** A call that was refused, and a check of texts, used nothing; of any other the provider has not said it. */
function Tokens({
  record: { usage, action, dialect },
  of,
}: {
  readonly record: RuntimeRecord
  readonly of: 'inputTokens' | 'outputTokens'
}) {
  if (usage !== null) return t('tally.count', { count: usage[of] })
  return action === 'block' || dialect === guardCheck ? null : <Status state="unknown" />
}
