import { useState } from 'react'
import { listStops } from '../../../../src/contracts/routes/stops.ts'
import type { ItemOf } from '../../api/reading.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/safety.ts'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Actor } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { TargetLink } from './stop-target.tsx'
import { ResumeDialog } from './resume-dialog.tsx'
import { StopButton } from './stop-dialog.tsx'

export type StopRow = ItemOf<typeof listStops>

const scopes = ['deployment', 'system', 'use_case', 'route', 'installation'] as const

/** What is stopped and what was; how to ask that it runs again. */
export function Stops() {
  const [resuming, setResuming] = useState<StopRow | null>(null)
  const inForce = useRead(listStops, { query: { inForce: 'true', limit: 200 } }, { everyMs: 15_000 })
  const count = inForce.data?.items.length
  const isMore = inForce.data?.next !== undefined
  return (
    <Screen
      title={t('rail.stops')}
      answer={
        count === undefined
          ? undefined
          : isMore
            ? t('stop.answerMore', { count })
            : t('stop.answer', { count })
      }
      actions={<StopButton target={{ scope: 'installation', targetId: 'installation', name: '' }} />}
    >
      <RecordList
        id="stops"
        route={listStops}
        columns={columnsFor(setResuming)}
        filters={[
          {
            name: 'inForce',
            label: t('stop.state'),
            options: [
              { value: 'true', label: t('stop.inForce') },
              { value: 'false', label: t('stop.past') },
            ],
          },
          {
            name: 'scope',
            label: t('stop.scope'),
            options: scopes.map((scope) => ({ value: scope, label: tCode('stop.scopeOf', scope) })),
          },
        ]}
        keyOf={({ scope, targetId }) => `${scope} ${targetId}`}
        empty={t('stop.none')}
        everyMs={15_000}
      />
      {resuming !== null && <ResumeDialog stop={resuming} onClose={() => setResuming(null)} />}
    </Screen>
  )
}

function columnsFor(resume: (row: StopRow) => void): readonly Column<StopRow>[] {
  return [
    {
      id: 'target',
      header: t('stop.target'),
      cell: (row) => <TargetLink {...row} />,
      text: ({ title, targetId }) => `${title ?? ''} ${targetId}`.trim(),
    },
    {
      id: 'scope',
      header: t('stop.scope'),
      cell: ({ scope }) => tCode('stop.scopeOf', scope),
      text: ({ scope }) => scope,
    },
    {
      id: 'state',
      header: t('stop.state'),
      cell: ({ isInForce }) => <Status state={isInForce ? 'stopped' : 'clear'} />,
      text: ({ isInForce }) => (isInForce ? 'stopped' : 'clear'),
    },
    {
      id: 'reason',
      header: t('stop.reasonCode'),
      cell: ({ stops }) => stops.map(({ reasonCode }) => tCode('stop.reason', reasonCode)).join(', '),
      text: ({ stops }) => stops.map(({ reasonCode }) => reasonCode).join(' '),
    },
    {
      id: 'text',
      header: t('stop.text'),
      cell: ({ stops }) => <Untrusted text={stops.flatMap(({ reason }) => reason ?? []).join(' · ')} />,
      text: ({ stops }) => stops.flatMap(({ reason }) => reason ?? []).join(' '),
    },
    {
      id: 'since',
      header: t('stop.since'),
      cell: ({ stops }) => (stops[0] === undefined ? '' : <Time at={stops[0].since} />),
      text: ({ stops }) => stops[0]?.since ?? '',
    },
    {
      id: 'by',
      header: t('stop.by'),
      cell: ({ stops }) => (stops[0] === undefined ? '' : <Actor id={stops[0].by} />),
      text: ({ stops }) => stops[0]?.by ?? '',
    },
    {
      id: 'epoch',
      header: t('stop.epoch'),
      cell: ({ epoch }) => epoch,
      text: ({ epoch }) => String(epoch),
      align: 'end',
      isHidden: true,
    },
    {
      id: 'id',
      header: t('stop.targetId'),
      cell: ({ targetId }) => <Id id={targetId} />,
      text: ({ targetId }) => targetId,
      isHidden: true,
    },
    {
      id: 'resume',
      leaves: 'never',
      header: t('common.actions'),
      cell: (row) =>
        row.isInForce ? <Button onClick={() => resume(row)}>{t('stop.askResume')}</Button> : '',
      text: () => '',
    },
  ]
}
