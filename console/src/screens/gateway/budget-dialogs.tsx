import { useState } from 'react'
import { changeLimit, removeLimit, setLimit } from '../../../../src/contracts/routes/gateway-limits.ts'
import { listRoutes } from '../../../../src/contracts/routes/gateway.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { amountIn, amountText, typedAmount, type BudgetUnit } from './budget-amount.ts'
import { BudgetTarget, type Budget } from './budget-target.tsx'

const units = ['requests', 'tokens', 'micro_usd', 'concurrent'] as const satisfies readonly BudgetUnit[]
const windows = ['day', 'month', 'sliding', 'none'] as const
type Entry = {
  readonly unit: BudgetUnit
  readonly amount: string
  readonly window: (typeof windows)[number]
  readonly zone: string
  readonly seconds: string
}
const usual: Entry = { unit: 'requests', amount: '', window: 'day', zone: 'UTC', seconds: '60' }

/** Limits a key, or what is chosen: a deployment or everybody. */
export function SetBudgetDialog({
  target: given,
  name,
  onClose,
}: {
  readonly target?: Budget['target']
  readonly name?: string
  readonly onClose: () => void
}) {
  const [entry, setEntry] = useState(usual)
  const [deploymentId, setDeploymentId] = useState('')
  const places = useRead(listRoutes, { query: { limit: 200 } })
  const { state, send } = useCommand(setLimit)
  const target =
    given ??
    (deploymentId === '' ? ({ scope: 'org' } as const) : ({ scope: 'deployment', deploymentId } as const))
  const set = async () => {
    const terms = termsOf(entry)
    if (terms === null || (await send({ body: { target, terms } })) === null) return
    toast(t('budget.setDone'))
    onClose()
  }
  return (
    <ActDialog
      title={t('budget.setTitle')}
      verb={t('budget.set')}
      whyNot={whatIsMissing(entry)}
      state={state}
      onSend={() => void set()}
      onClose={onClose}
    >
      {name !== undefined && (
        <p>
          <Untrusted text={name} />
        </p>
      )}
      <p>{t('budget.setText')}</p>
      {given === undefined && (
        <SelectField
          label={t('budget.deployment')}
          help={t('budget.deploymentHelp')}
          value={deploymentId}
          onChange={setDeploymentId}
          empty={t('budget.everybody')}
          options={(places.data?.items ?? [])
            .filter(({ op }) => op !== 'retired')
            .map((place) => ({
              value: place.deploymentId,
              label: `${place.title}, ${tCode('environment', place.environment)}`,
            }))}
        />
      )}
      <SelectField
        label={t('budget.unit')}
        value={entry.unit}
        onChange={(value) => setEntry({ ...entry, unit: units.find((unit) => unit === value) ?? entry.unit })}
        options={units.map((value) => ({ value, label: tCode('budget.unitOf', value) }))}
        {...(entry.unit === 'micro_usd' ? { help: t('budget.costHelp') } : {})}
      />
      <AmountFields entry={entry} onChange={setEntry} />
    </ActDialog>
  )
}

/** Gives a budget another amount or window. */
export function ChangeBudgetDialog({
  budget,
  onClose,
}: {
  readonly budget: Budget
  readonly onClose: () => void
}) {
  const [entry, setEntry] = useState(() => entryOf(budget.terms))
  const { state, send } = useCommand(changeLimit)
  const change = async () => {
    const terms = termsOf(entry)
    if (terms === null) return
    const { amount, window } = terms
    const input = { params: { id: budget.id }, body: { amount, window }, ifMatch: budget.revision }
    if ((await send(input)) === null) return
    toast(t('budget.changed'))
    onClose()
  }
  return (
    <ActDialog
      title={t('budget.changeTitle')}
      verb={t('budget.change')}
      whyNot={whatIsMissing(entry)}
      state={state}
      onSend={() => void change()}
      onClose={onClose}
    >
      <p>
        <BudgetTarget target={budget.target} />: {tCode('budget.unitOf', entry.unit)}
      </p>
      <p>{t('budget.changeText')}</p>
      <AmountFields entry={entry} onChange={setEntry} />
    </ActDialog>
  )
}

/** Ends a budget. */
export function RemoveBudgetDialog({
  budget,
  onClose,
}: {
  readonly budget: Budget
  readonly onClose: () => void
}) {
  const { state, send } = useCommand(removeLimit)
  const remove = async () => {
    if ((await send({ params: { id: budget.id } })) === null) return
    toast(t('budget.removed'))
    onClose()
  }
  return (
    <ActDialog
      title={t('budget.removeTitle')}
      verb={t('budget.remove')}
      kind="danger"
      state={state}
      onSend={() => void remove()}
      onClose={onClose}
    >
      <p>
        <BudgetTarget target={budget.target} />: {amountText(budget.terms.unit, budget.terms.amount)}
      </p>
      <p>{t('budget.removeText')}</p>
    </ActDialog>
  )
}

function AmountFields({
  entry,
  onChange,
}: {
  readonly entry: Entry
  readonly onChange: (entry: Entry) => void
}) {
  const { unit, window } = entry
  return (
    <>
      <TextField
        label={t('budget.wantedAmount')}
        value={entry.amount}
        onChange={(amount) => onChange({ ...entry, amount })}
        isMono
      />
      {unit !== 'concurrent' && (
        <SelectField
          label={t('budget.wantedWindow')}
          value={window}
          onChange={(value) =>
            onChange({ ...entry, window: windows.find((each) => each === value) ?? window })
          }
          options={windows.map((value) => ({ value, label: tCode('budget.window', value) }))}
        />
      )}
      {unit !== 'concurrent' && (window === 'day' || window === 'month') && (
        <TextField
          label={t('budget.zone')}
          help={t('budget.zoneHelp')}
          value={entry.zone}
          onChange={(zone) => onChange({ ...entry, zone })}
        />
      )}
      {unit !== 'concurrent' && window === 'sliding' && (
        <TextField
          label={t('budget.seconds')}
          value={entry.seconds}
          onChange={(seconds) => onChange({ ...entry, seconds })}
          isMono
        />
      )}
    </>
  )
}

function whatIsMissing(entry: Entry): string | null {
  if (amountIn(entry.unit, entry.amount) === null)
    return entry.unit === 'micro_usd' ? t('budget.incompleteCost') : t('budget.incomplete')
  return termsOf(entry) === null ? t('budget.incompleteSeconds') : null
}

function termsOf({ unit, amount: typed, window, zone, seconds }: Entry): Budget['terms'] | null {
  const amount = amountIn(unit, typed)
  if (amount === null) return null
  if (unit === 'concurrent' || window === 'none') return { unit, amount, window: { k: 'none' } }
  if (window !== 'sliding') return { unit, amount, window: { k: 'calendar', period: window, zone } }
  const ms = Number(seconds) * 1_000
  return Number.isSafeInteger(ms) && ms >= 1_000 ? { unit, amount, window: { k: 'sliding', ms } } : null
}

function entryOf({ unit, amount: counted, window }: Budget['terms']): Entry {
  const amount = typedAmount(unit, counted)
  if (window.k === 'none') return { ...usual, unit, amount, window: 'none' }
  return window.k === 'sliding'
    ? { ...usual, unit, amount, window: 'sliding', seconds: String(window.ms / 1_000) }
    : { ...usual, unit, amount, window: window.period, zone: window.zone }
}
