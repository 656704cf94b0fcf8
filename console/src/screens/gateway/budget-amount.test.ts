import { expect, test } from 'vitest'
import { amountIn, amountText, typedAmount } from './budget-amount.ts'

test.each([
  ['requests', '5', 5],
  ['requests', '5.5', null],
  ['requests', '0', null],
  ['requests', '', null],
  ['requests', 'five', null],
  ['micro_usd', '12.5', 12_500_000],
  ['micro_usd', '0.1', 100_000],
  ['micro_usd', '0.0000001', null],
] as const)('%s: %s', (unit, typed, amount) => {
  expect(amountIn(unit, typed)).toBe(amount)
  if (amount !== null) expect(typedAmount(unit, amount)).toBe(typed)
})

test('money is shown to the millionth of a dollar', () => {
  expect(amountText('micro_usd', 420)).toBe('$0.00042')
  expect(amountText('tokens', 1_500)).toBe('1,500 tokens')
})
