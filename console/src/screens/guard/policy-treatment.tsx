import { useState } from 'react'
import { findingKinds } from '../../../../src/contracts/routes/gateway.ts'
import { redactionModes } from '../../../../src/contracts/routes/guard-policies.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import type { GuardPolicyRecord } from './policy.tsx'

type Terms = GuardPolicyRecord['terms']
type Kind = (typeof findingKinds)[number]
const budgetNames = ['blobs', 'work'] as const
const bounds = { blobs: [8, 256], work: [16, 256] } as const

/** What is done about each kind of finding, and how much of a text is decoded. */
export function Treatment({
  terms: { redaction, budgets },
  onSave,
}: {
  readonly terms: Terms
  readonly onSave: ((change: Pick<Terms, 'redaction'> | Pick<Terms, 'budgets'>) => void) | null
}) {
  const [texts, setTexts] = useState({ blobs: String(budgets.blobs), work: String(budgets.work) })
  const isRight = (name: (typeof budgetNames)[number]) => {
    const n = Number(texts[name])
    return Number.isInteger(n) && n >= bounds[name][0] && n <= bounds[name][1]
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
                  options={redactionModes
                    .filter((mode) => mode !== 'token' || kind === 'pii')
                    .map((value) => ({ value, label: modeText(value) }))}
                />
              ),
            )}
        </div>
        <p>{t('treatment.budgetsText')}</p>
        <div className="row fields">
          {budgetNames.map((name) => {
            const label = tCode('treatment.budget', name)
            const [low, high] = bounds[name]
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
                fault={isRight(name) ? null : t('treatment.budgetWrong', { low, high })}
              />
            )
          })}
          {onSave !== null && (
            <Button
              whyNot={budgetNames.every(isRight) ? null : t('treatment.budgetWrong', { low: 16, high: 256 })}
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

function modeText(mode: (typeof redactionModes)[number] | undefined): string {
  return mode === undefined ? t('treatment.ships') : tCode('treatment.mode', mode)
}
