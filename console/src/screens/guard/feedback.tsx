import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { guardMarks, listGuardFeedback } from '../../../../src/contracts/routes/guard-feedback.ts'
import type { ItemOf } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { shortened } from '../../ui/copy.tsx'
import type { Column, Filter } from '../../ui/list-columns.ts'
import { PlaceName } from '../../ui/place-name.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { ExplainDialog } from './explain-dialog.tsx'
import { ExportPanel } from './export-panel.tsx'
import { GuardScreen } from './guard-screen.tsx'
import { ProposeDialog } from './propose-dialog.tsx'

type Group = ItemOf<typeof listGuardFeedback>

/** What analysts have said of findings, by text and deployment, and what follows from it. */
export function GuardFeedback() {
  const [open, setOpen] = useState<Group | null>(null)
  const [explained, setExplained] = useState<Group | null>(null)
  const permissions = useMe().data?.permissions ?? []
  const mayWrite = permissions.includes('guardPolicy.write')
  const mayRead = permissions.includes('content.read')
  return (
    <GuardScreen tab="feedback" answer={t('feedback.answer')}>
      <RecordList
        id="guard-feedback"
        route={listGuardFeedback}
        columns={columnsFor(mayWrite ? setOpen : null, mayRead ? setExplained : null)}
        filters={filters}
        usual={{ state: 'open' }}
        keyOf={({ deploymentId, rule, channel, window }) => `${deploymentId} ${rule} ${channel} ${window}`}
        empty={t('feedback.none')}
      />
      {explained !== null && <ExplainDialog of={explained} onClose={() => setExplained(null)} />}
      <ExportPanel />
      {open !== null && <ProposeDialog of={open} onClose={() => setOpen(null)} />}
    </GuardScreen>
  )
}

const filters: readonly Filter[] = [
  {
    name: 'state',
    label: t('feedback.state'),
    none: t('feedback.stateOf.open'),
    options: [{ value: 'done', label: t('feedback.stateOf.done') }],
  },
  {
    name: 'mark',
    label: t('feedback.mark'),
    options: guardMarks.map((value) => ({ value, label: tCode('mark', value) })),
  },
  { name: 'rule', label: t('guard.rule') },
]

function columnsFor(
  open: ((group: Group) => void) | null,
  explain: ((group: Group) => void) | null,
): readonly Column<Group>[] {
  return [
    {
      id: 'rule',
      header: t('guard.rule'),
      cell: ({ rule }) => <code>{rule}</code>,
      text: ({ rule }) => rule,
    },
    {
      id: 'channel',
      header: t('guard.channel'),
      cell: ({ channel }) => tCode('channel', channel),
      text: ({ channel }) => channel,
    },
    {
      id: 'deployment',
      leaves: 'last',
      header: t('gateway.deployment'),
      cell: ({ deploymentId }) => <PlaceName id={deploymentId} />,
      text: ({ deploymentId }) => deploymentId,
    },
    {
      id: 'marks',
      leaves: 'last',
      header: t('feedback.marks'),
      cell: ({ marks }) => t('feedback.marksOf', { ...marks }),
      text: ({ marks }) => Object.values(marks).join(' '),
    },
    {
      id: 'reason',
      header: t('feedback.reason'),
      cell: ({ lastReason }) => tCode('markReason', lastReason),
      text: ({ lastReason }) => lastReason,
    },
    {
      id: 'calls',
      header: t('feedback.calls'),
      align: 'end',
      cell: ({ calls }) => calls ?? t('common.unknown'),
      text: ({ calls }) => String(calls ?? ''),
    },
    {
      id: 'score',
      header: t('feedback.score'),
      align: 'end',
      leaves: 'first',
      cell: ({ zMilli }) => (zMilli === null ? t('common.none') : (zMilli / 1_000).toFixed(2)),
      text: ({ zMilli }) => String(zMilli ?? ''),
    },
    {
      id: 'features',
      header: t('feedback.features'),
      leaves: 'last',
      cell: (group) =>
        group.text === 'kept' ? (
          <Button
            kind="quiet"
            onClick={() => explain?.(group)}
            whyNot={explain === null ? t('feedback.closed') : null}
          >
            {t('feedback.explain')}
          </Button>
        ) : (
          <span className="muted">{tCode('feedback.textOf', group.text)}</span>
        ),
      text: ({ text }) => text,
    },
    {
      id: 'last',
      header: t('feedback.last'),
      cell: ({ lastRecord, lastAt }) => (
        <>
          <Link to={`/gateway/records/${lastRecord}`}>
            <code>{shortened(lastRecord)}</code>
          </Link>{' '}
          <Time at={lastAt} />
        </>
      ),
      text: ({ lastRecord }) => lastRecord,
    },
    {
      id: 'actions',
      leaves: 'never',
      header: t('common.actions'),
      cell: (group) => <Then group={group} open={open} />,
      text: ({ allowedUntil, isProposed }) => (isProposed ? 'proposed' : (allowedUntil ?? '')),
    },
  ]
}

function Then({ group, open }: { readonly group: Group; readonly open: ((group: Group) => void) | null }) {
  if (group.allowedUntil !== null)
    return (
      <>
        {t('feedback.passes')} <Time at={group.allowedUntil} />
      </>
    )
  if (group.isProposed) return <Status state="pending" word={t('feedback.proposed')} />
  return open === null ? (
    <>{t('common.none')}</>
  ) : (
    <Button kind="quiet" onClick={() => open(group)}>
      {t('feedback.propose')}
    </Button>
  )
}
