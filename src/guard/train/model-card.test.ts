import { expect, test } from 'vitest'
import { tinyWeights } from '../injection/tiny-weights.fixture.ts'
import { modelCard } from './model-card.ts'
import { shares } from './operating-point.ts'

const none = { n: 0, share: 0, low: 0, high: 1 }
const evaluation = { seen: new Map(), hidden: [], embedded: none, unseen: [] }
const card = modelCard(tinyWeights({}), evaluation, 0.5)

test('the card tells the shares by which thresholds were chosen', () => {
  const [, told = ''] = card.split('(ADR 0045, ADR 0051). ')
  const printed = [...(told.split('\n')[0] ?? '').matchAll(/([\d.]+) %/gu)].map(
    ([, share]) => Math.round(Number(share) * 1e4) / 1e6,
  )
  expect(printed).toEqual([...Object.values(shares.flag), ...Object.values(shares.high)])
})
