import { Link, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import {
  attestCondition,
  listConditions,
  withdrawCondition,
} from '../../../../src/contracts/routes/conditions.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/committee.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { FileDigestField, isDigestText } from '../../ui/file-digest.tsx'
import { Person } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { useCaseChoice } from '../../ui/record-choices.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { ConditionCalendar } from './condition-calendar.tsx'

type Row = ItemOf<typeof listConditions>
type Act = { readonly k: 'attest' | 'withdraw'; readonly row: Row }

const views = [
  { id: 'list', label: t('condition.viewList') },
  { id: 'calendar', label: t('condition.viewCalendar') },
] as const

/** What was promised with an approval, the next due first: who owns it, who attests it, what follows when it is not met. */
export function Conditions() {
  const me = useMe().data
  const search = useRouterState({
    select: ({ location }) => location.search as Readonly<Record<string, string>>, // plain text by name, by `router.tsx`
  })
  const view = search['view'] === 'calendar' ? 'calendar' : 'list'
  const [act, setAct] = useState<Act | null>(null)
  const close = () => setAct(null)
  const columns = columnsFor((k, row) => setAct({ k, row }))
  return (
    <Screen title={t('rail.conditions')} answer={<Answer />}>
      <Tabs
        label={t('condition.views')}
        tabs={views}
        current={view}
        hrefOf={(id) => (id === 'calendar' ? '/conditions?view=calendar' : '/conditions')}
      />
      {view === 'calendar' ? (
        <ConditionCalendar onAct={(k, row) => setAct({ k, row })} />
      ) : (
        <RecordList
          id="conditions"
          route={listConditions}
          columns={columns}
          filters={[
            {
              name: 'state',
              label: t('condition.state'),
              none: t('condition.stateOpen'),
              options: (['met', 'withdrawn'] as const).map((state) => ({
                value: state,
                label: tCode('conditionState', state),
              })),
            },
            {
              name: 'overdue',
              label: t('condition.overdue'),
              none: t('condition.overdueAll'),
              options: [{ value: 'true', label: t('condition.overdueOnly') }],
            },
            {
              name: 'owner',
              label: t('condition.owner'),
              none: t('condition.ownerAll'),
              options: me === undefined ? [] : [{ value: me.person, label: t('condition.ownerMe') }],
            },
            { name: 'useCaseId', label: t('case.useCase'), choice: useCaseChoice },
          ]}
          fixed={search['state'] === undefined ? { state: 'open' } : {}}
          keyOf={({ id }) => id}
          empty={t('condition.none')}
          everyMs={60_000}
        />
      )}
      <Dialog
        open={act !== null}
        onClose={close}
        title={t(act?.k === 'withdraw' ? 'condition.withdraw' : 'condition.attest')}
      >
        {act?.k === 'attest' && <AttestForm row={act.row} onClose={close} />}
        {act?.k === 'withdraw' && <WithdrawForm row={act.row} onClose={close} />}
      </Dialog>
    </Screen>
  )
}

function Answer() {
  const open = useRead(listConditions, { query: { state: 'open', limit: 200 } })
  if (open.data === undefined) return null
  const { items } = open.data
  const overdue = items.filter(({ isBreached }) => isBreached).length
  const inAWeek = items.filter(
    ({ isBreached, due }) => !isBreached && Date.parse(due) - Date.now() < 7 * 86_400_000,
  ).length
  return t('condition.answer', { open: items.length, overdue, week: inAWeek })
}

function columnsFor(onAct: (k: Act['k'], row: Row) => void): readonly Column<Row>[] {
  return [
    {
      id: 'due',
      header: t('condition.due'),
      cell: ({ due }) => <Time at={due} both />,
      text: ({ due }) => due,
    },
    {
      id: 'state',
      header: t('condition.state'),
      cell: ({ state, isBreached }) => <Status state={isBreached ? 'breached' : state} />,
      text: ({ state, isBreached }) => (isBreached ? 'breached' : state),
    },
    {
      id: 'text',
      header: t('condition.text'),
      cell: ({ text, caseId }) => (
        <Link to={`/cases/${caseId}`}>
          {text === null ? t('condition.masked') : <Untrusted text={text} />}
        </Link>
      ),
      text: ({ text }) => text ?? '',
    },
    {
      id: 'title',
      header: t('case.useCase'),
      cell: ({ title }) => <Untrusted text={title} />,
      text: ({ title }) => title,
    },
    {
      id: 'owner',
      header: t('condition.owner'),
      cell: ({ owner }) => <Person id={owner} />,
      text: ({ owner }) => owner,
    },
    {
      id: 'attester',
      header: t('condition.attester'),
      cell: ({ attester }) => tCode('fn', attester),
      text: ({ attester }) => attester,
    },
    {
      id: 'onBreach',
      header: t('condition.onBreach'),
      cell: ({ onBreach }) => tCode('conditionBreach', onBreach),
      text: ({ onBreach }) => onBreach,
    },
    {
      id: 'phase',
      header: t('condition.phase'),
      cell: ({ phase }) => tCode('conditionPhase', phase),
      text: ({ phase }) => phase,
      isHidden: true,
    },
    {
      id: 'evidence',
      header: t('condition.evidence'),
      cell: ({ evidence }) => (evidence === null ? t('common.none') : <Id id={evidence} />),
      text: ({ evidence }) => evidence ?? '',
      isHidden: true,
    },
    {
      id: 'act',
      header: t('common.actions'),
      cell: (row) =>
        row.state === 'open' ? (
          <span className="row nowrap">
            <Button onClick={() => onAct('attest', row)}>{t('condition.attest')}</Button>
            <Button kind="quiet" onClick={() => onAct('withdraw', row)}>
              {t('condition.withdraw')}
            </Button>
          </span>
        ) : (
          row.endedBy !== null && <Person id={row.endedBy} />
        ),
      text: () => '',
    },
  ]
}

function Terms({ row: { text, due, owner, attester, proposedBy, onBreach } }: { readonly row: Row }) {
  return (
    <>
      <p>{text === null ? t('condition.masked') : <Untrusted text={text} />}</p>
      <Facts
        rows={[
          [t('condition.due'), <Time key="" at={due} both />],
          [t('condition.owner'), <Person key="" id={owner} />],
          [t('condition.attester'), tCode('fn', attester)],
          [t('condition.proposedBy'), tCode('fn', proposedBy)],
          [t('condition.onBreach'), tCode('conditionBreach', onBreach)],
        ]}
      />
    </>
  )
}

function AttestForm({ row, onClose }: { readonly row: Row; readonly onClose: () => void }) {
  const [evidence, setEvidence] = useState('')
  return (
    <CommandForm
      route={attestCondition}
      verb={t('condition.attest')}
      whyNot={isDigestText(evidence) ? null : t('condition.noEvidence')}
      input={() => ({ params: { id: row.id }, body: { evidence } })}
      onDone={() => {
        toast(t('condition.attested'))
        onClose()
      }}
      onClose={onClose}
    >
      <Terms row={row} />
      <p>{t('condition.attestText', { fn: tCode('fn', row.attester) })}</p>
      <FileDigestField label={t('condition.evidence')} value={evidence} onChange={setEvidence} />
    </CommandForm>
  )
}

function WithdrawForm({ row, onClose }: { readonly row: Row; readonly onClose: () => void }) {
  return (
    <CommandForm
      route={withdrawCondition}
      verb={t('condition.withdraw')}
      kind="danger"
      input={() => ({ params: { id: row.id }, body: {} })}
      onDone={() => {
        toast(t('condition.withdrawn'))
        onClose()
      }}
      onClose={onClose}
    >
      <Terms row={row} />
      <p>{t('condition.withdrawText', { fn: tCode('fn', row.proposedBy) })}</p>
    </CommandForm>
  )
}
