import { tCode } from '../../messages/gateway.ts'

export type BudgetUnit = 'requests' | 'tokens' | 'micro_usd' | 'concurrent'

const microUsdPerUsd = 1_000_000
const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 6 })
const whole = new Intl.NumberFormat('en')

/** An amount with its unit. */
export function amountText(unit: BudgetUnit, amount: number): string {
  const n = unit === 'micro_usd' ? dollars.format(amount / microUsdPerUsd) : whole.format(amount)
  return tCode('budget.amountOf', unit, { n })
}

/** What a person has typed as units of a budget; null when that is no amount. Money is typed in dollars. */
export function amountIn(unit: BudgetUnit, typed: string): number | null {
  const units = unit === 'micro_usd' ? Math.round(Number(typed) * microUsdPerUsd) : Number(typed)
  return typed.trim() !== '' && Number.isSafeInteger(units) && units >= 1 ? units : null
}

/** How an amount is typed. */
export function typedAmount(unit: BudgetUnit, amount: number): string {
  return String(unit === 'micro_usd' ? amount / microUsdPerUsd : amount)
}
