import { useState } from 'react'
import { findingKinds } from '../../../../src/contracts/routes/gateway.ts'
import {
  budgetBounds,
  redactionModes,
  redactionModesOf,
} from '../../../../src/contracts/routes/guard-policies.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import type { GuardPolicyRecord } from './policy.tsx'

type Terms = GuardPolicyRecord['terms']
type Kind = (typeof findingKinds)[number]
type Mode = (typeof redactionModes)[number]
const budgetNames = ['blobs', 'work'] as const

/** What is done about each kind of finding, and how much of a text is decoded. */
export function Treatment({
  terms: { redaction, budgets },
  onSave,
}: {
  readonly terms: Terms
  readonly onSave: ((change: Pick<Terms, 'redaction'> | Pick<Terms, 'budgets'>) => void) | null
}) {
  const [texts, setTexts] = useState({ blobs: String(budgets.blobs), work: String(budgets.work) })
  const faultOf = (name: (typeof budgetNames)[number]) => {
    const [low, high] = budgetBounds[name]
    const n = Number(texts[name])
    return Number.isInteger(n) && n >= low && n <= high ? null : t('treatment.budgetWrong', { low, high })
  }
  const set = (kind: Kind, value: string) => {
    const mode = redactionModes.find((name) => name === value)
    const { [kind]: _, ...others } = redaction
    onSave?.({ redaction: mode === undefined ? others : { ...others, [kind]: mode } })
  }
  return (
    <Panel title={t('treatment.title')}>
      <div className="stack">
        <p>{t('treatment.text')}</p>
        <div className="columns narrow">
          {findingKinds
            .filter((kind) => onSave !== null || redaction[kind] !== undefined)
            .map((kind) =>
              onSave === null ? (
                <p key={kind}>
                  {tCode('findingKind', kind)}: <strong>{modeText(redaction[kind])}</strong>
                </p>
              ) : (
                <SelectField
                  key={kind}
                  label={tCode('findingKind', kind)}
                  value={redaction[kind] ?? ''}
                  onChange={(value) => set(kind, value)}
                  empty={t('treatment.ships')}
                  options={offered(kind, redaction[kind]).map((value) => ({ value, label: modeText(value) }))}
                />
              ),
            )}
        </div>
        <p>{t('treatment.budgetsText')}</p>
        <div className="row fields">
          {budgetNames.map((name) => {
            const label = tCode('treatment.budget', name)
            return onSave === null ? (
              <p key={name}>
                {label}: <strong>{budgets[name]}</strong>
              </p>
            ) : (
              <TextField
                key={name}
                label={label}
                value={texts[name]}
                onChange={(text) => setTexts({ ...texts, [name]: text })}
                inputMode="numeric"
                fault={faultOf(name)}
              />
            )
          })}
          {onSave !== null && (
            <Button
              whyNot={faultOf('blobs') ?? faultOf('work')}
              onClick={() => onSave({ budgets: { blobs: Number(texts.blobs), work: Number(texts.work) } })}
            >
              {t('treatment.saveBudgets')}
            </Button>
          )}
        </div>
      </div>
    </Panel>
  )
}

/** What may be chosen, and what an older draft says although it may not: it is shown until something else is chosen. */
function offered(kind: Kind, chosen: Mode | undefined): readonly Mode[] {
  const modes = redactionModesOf(kind)
  return chosen === undefined || modes.includes(chosen) ? modes : [chosen, ...modes]
}

function modeText(mode: Mode | undefined): string {
  return mode === undefined ? t('treatment.ships') : tCode('treatment.mode', mode)
}
