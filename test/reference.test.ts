import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { routes } from '../src/contracts/routes/index.ts'
import { permissions } from '../src/governance/people/index.ts'
import { referencePages } from '../src/main/reference.ts'
import { documented } from './browser/shots.ts'

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

describe('pictures', () => {
  const root = resolve(docs, '..')
  const texts = [
    'README.md',
    ...readdirSync(docs, { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
  ]
  const shown = texts
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) =>
      [...readFileSync(resolve(root, name), 'utf8').matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)].map(
        ([, alt = '', path = '']) => ({ name, alt, path: resolve(root, dirname(name), path) }),
      ),
    )

  test('every picture that a page shows is there, small enough, and says in words what is on it', () => {
    expect(shown.length).toBeGreaterThan(3)
    for (const { name, alt, path } of shown) {
      expect([name, path, existsSync(path)]).toEqual([name, path, true])
      expect(alt.length).toBeGreaterThan(20)
      expect(statSync(path).size).toBeLessThan(150_000)
    }
  })

  test('`npm run screenshots -- --docs` takes exactly those that the pages show', () => {
    const wanted = documented.map((name) => resolve(docs, 'pictures', `${name}.png`))
    expect(new Set(shown.map(({ path }) => path))).toEqual(new Set(wanted))
    expect(
      new Set(readdirSync(resolve(docs, 'pictures')).map((name) => resolve(docs, 'pictures', name))),
    ).toEqual(new Set(wanted))
  })
})
