import { useState } from 'react'
import { listLimits } from '../../../../src/contracts/routes/gateway-limits.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { Button } from '../../ui/button.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { Menu } from '../../ui/menu.tsx'
import { Actor } from '../../ui/person.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Time } from '../../ui/time.tsx'
import { amountText } from './budget-amount.ts'
import { ChangeBudgetDialog, RemoveBudgetDialog, SetBudgetDialog } from './budget-dialogs.tsx'
import { BudgetTarget, type Budget } from './budget-target.tsx'
import { GatewayScreen } from './gateway-screen.tsx'

type Open = { readonly k: 'change' | 'remove'; readonly budget: Budget } | { readonly k: 'set' } | null

/** What keys, deployments and the organisation may spend, and how much of it is gone. */
export function GatewayBudgets() {
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <GatewayScreen
      tab="budgets"
      answer={t('budget.answer')}
      actions={<Button onClick={() => setOpen({ k: 'set' })}>{t('budget.set')}</Button>}
    >
      <RecordList
        id="gateway-budgets"
        route={listLimits}
        columns={columnsFor(setOpen)}
        keyOf={({ id }) => id}
        empty={t('budget.none')}
        everyMs={10_000}
      />
      {open?.k === 'set' && <SetBudgetDialog onClose={close} />}
      {open?.k === 'change' && <ChangeBudgetDialog budget={open.budget} onClose={close} />}
      {open?.k === 'remove' && <RemoveBudgetDialog budget={open.budget} onClose={close} />}
    </GatewayScreen>
  )
}

function windowText({ unit, window }: Budget['terms']): string {
  if (unit === 'concurrent') return t('budget.windowOf.concurrent')
  if (window.k === 'sliding') return t('budget.windowOf.sliding', { seconds: window.ms / 1_000 })
  return window.k === 'calendar'
    ? tCode('budget.windowOf', window.period, { zone: window.zone })
    : t('budget.windowOf.none')
}

function Spent({ budget: { terms, spent, leased } }: { readonly budget: Budget }) {
  const { unit, amount } = terms
  const used = unit === 'concurrent' ? leased : spent
  return (
    <>
      <progress aria-label={t('budget.bar')} value={Math.min(used, amount)} max={amount} />{' '}
      {amountText(unit, used)}{' '}
      <span className="muted">
        {t('budget.share', { share: Math.floor((used * 100) / amount), leased: amountText(unit, leased) })}
      </span>
    </>
  )
}

function columnsFor(open: (what: Open) => void): readonly Column<Budget>[] {
  return [
    {
      id: 'target',
      header: t('budget.target'),
      cell: ({ target }) => <BudgetTarget target={target} />,
      text: ({ target }) =>
        target.scope === 'key'
          ? target.keyId
          : target.scope === 'deployment'
            ? target.deploymentId
            : target.scope,
    },
    {
      id: 'amount',
      header: t('budget.amount'),
      cell: ({ terms }) => amountText(terms.unit, terms.amount),
      text: ({ terms }) => `${terms.amount} ${terms.unit}`,
    },
    {
      id: 'window',
      header: t('budget.window'),
      cell: ({ terms }) => windowText(terms),
      text: ({ terms }) => windowText(terms),
    },
    {
      id: 'spent',
      leaves: 'last',
      header: t('budget.spent'),
      cell: (budget) => <Spent budget={budget} />,
      text: ({ spent }) => String(spent),
    },
    {
      id: 'by',
      header: t('key.by'),
      cell: ({ setBy }) => <Actor id={setBy} />,
      text: ({ setBy }) => setBy,
      isHidden: true,
    },
    {
      id: 'at',
      header: t('key.issued'),
      cell: ({ setAt }) => <Time at={setAt} />,
      text: ({ setAt }) => setAt,
      isHidden: true,
    },
    {
      id: 'actions',
      leaves: 'never',
      header: t('common.actions'),
      cell: (budget) => (
        <Menu
          kind="quiet"
          label={t('common.actions')}
          entries={[
            { label: t('budget.change'), onSelect: () => open({ k: 'change', budget }) },
            { label: t('budget.remove'), onSelect: () => open({ k: 'remove', budget }) },
          ]}
        />
      ),
      text: () => '',
    },
  ]
}
