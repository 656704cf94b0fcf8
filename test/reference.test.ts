import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { routes } from '../src/contracts/routes/index.ts'
import { permissions } from '../src/governance/people/index.ts'
import { referencePages } from '../src/main/reference.ts'

const docs = resolve(import.meta.dirname, '../docs')
const pages = referencePages()

test.each([...pages.keys()])('docs/%s says what the code does; `npm run docs` writes it again', (name) => {
  expect(readFileSync(resolve(docs, name), 'utf8')).toBe(pages.get(name))
})

test('every route asks for a permission that exists, or says why it asks for none', () => {
  const known: readonly string[] = permissions
  const unknown = routes.filter(({ access }) => 'permission' in access && !known.includes(access.permission))
  expect(unknown.map(({ id }) => id)).toEqual([])
})

/** Who passes a door, read from the page: what a person would look up is what is tested. */
function whoPasses(id: string): readonly string[] {
  const lines = (pages.get('permissions.md') ?? '').split('\n').filter((line) => line.startsWith('|'))
  const cells = (line: string) => line.split('|').map((cell) => cell.trim())
  const names = cells(lines[0] ?? '')
  const row = cells(lines.find((line) => line.startsWith(`| \`${id}\` |`)) ?? '')
  return names.filter((_, i) => row[i] === 'x')
}

test.each([
  ['session.start', ['nobody', 'service', 'admin']],
  ['cases.cast', ['seat']],
  ['cases.close', ['seat']],
  ['roles.grant', ['admin']],
  ['people.erase', ['admin']],
  ['ledger.export', ['auditor', 'admin', 'service']],
  ['useCases.triage', ['analyst']],
  ['checks.record', ['validator', 'service']],
  ['overrides.second', ['incident_commander', 'seat']],
])('the door of %s', (id, names) => {
  if (id === 'session.start') expect(whoPasses(id)).toEqual(expect.arrayContaining(names))
  else expect(whoPasses(id)).toEqual(names)
})

test('PD-04: whoever administers people passes no door of a ballot, a review, a charter or a waiver', () => {
  const deciding = routes.filter(
    ({ access }) =>
      'permission' in access &&
      ['case.vote', 'review.sign', 'waiver.accept', 'override.second', 'condition.attest'].includes(
        access.permission,
      ),
  )
  expect(deciding.length).toBeGreaterThan(8)
  for (const { id } of deciding)
    expect([id, whoPasses(id)]).not.toEqual([id, expect.arrayContaining(['admin'])])
})
