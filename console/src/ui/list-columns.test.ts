import { expect, test } from 'vitest'
import { leavingOrder, shownColumns, type Column } from './list-columns.ts'

const column = (id: string, leaves?: Column<object>['leaves']): Column<object> => ({
  id,
  header: id,
  cell: () => id,
  text: () => id,
  ...(leaves === undefined ? {} : { leaves }),
})
const columns = [
  column('name', 'first'),
  column('state', 'last'),
  column('owner'),
  column('code', 'first'),
  column('due', 'last'),
  column('unit'),
  column('actions', 'never'),
]

test('what matters least leaves first, the end before the front; the name and the commands stay', () => {
  expect(leavingOrder(columns).map(({ id }) => id)).toEqual(['code', 'unit', 'owner', 'due', 'state'])
  expect(leavingOrder(columns.slice(0, 1))).toEqual([])
})

test('columns that are asked for are shown in their order, and nothing else', () => {
  expect(shownColumns(columns, ['owner', 'none', 'name']).map(({ id }) => id)).toEqual(['owner', 'name'])
})
