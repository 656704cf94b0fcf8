import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parsePolicies, validatePolicies } from '../src/adapters/cedar/cedar-wasm.ts'
import { eventKinds } from '../src/contracts/events.ts'
import { routes } from '../src/contracts/routes/index.ts'
import { reasons } from '../src/gateway/reasons.ts'
import { toolReasons } from '../src/guard/tools/decide.ts'
import { readConfig } from '../src/main/config.ts'

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const guides = readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`)
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/architecture.md', ...guides]

/** Cells of the table rows whose first cell is code. */
function rowsOf(path: string): readonly (readonly string[])[] {
  return read(path)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    )
}

test('the table of refusals is the one that the gateway has', () => {
  const written = rowsOf('docs/guides/openai-clients.md')
  const known = Object.entries(reasons).map(([code, { status, message }]) => [
    `\`${code}\``,
    String(status),
    message,
  ])
  expect(written).toEqual(known)
})

test('the table of reasons about tools is the one that the guard has', () => {
  const codes = rowsOf('docs/guides/tool-policy.md').flatMap(([cell = '']) => cell.match(/`[a-z_]+`/g) ?? [])
  const written = codes.map((code) => code.replaceAll('`', ''))
  expect(written.filter((code) => toolReasons.some((known) => known === code))).toEqual(
    expect.arrayContaining([...toolReasons]),
  )
})

test('the policies of the guide about tools fit the model that ships', () => {
  const [, text = ''] = read('docs/guides/tool-policy.md').match(/```cedar\n([^]*?)```/) ?? []
  const parsed = parsePolicies(text)
  const model = read('catalogue/tool-policies/model.1.cedarschema')
  const own = model.replace('type Args = {};', 'type Args = { amount?: Long };')
  expect(parsed.ok && validatePolicies(parsed.policies, own)).toEqual([])
})

test('the table of configuration names every variable with its default', () => {
  const source = `${read('src/main/config.ts')}${read('src/main/telemetry.ts')}`
  const known = new Set(source.match(/\b(?:COUNTERSIGN_[A-Z_]+|DATABASE_URL|OTEL_EXPORTER_OTLP_ENDPOINT)\b/g))
  const written = rowsOf('docs/guides/operations.md').filter(([name = '']) => /^`[A-Z_]+`$/.test(name))
  expect(new Set(written.map(([name = '']) => name.replaceAll('`', '')))).toEqual(known)
  const fallback = (name: string) =>
    (written.find(([cell]) => cell === `\`${name}\``)?.[1] ?? '').replaceAll('`', '')
  const config = readConfig({})
  expect(resolve(fallback('COUNTERSIGN_HOME'))).toBe(config.home)
  expect(fallback('COUNTERSIGN_HOST')).toBe(config.host)
  expect(Number(fallback('COUNTERSIGN_PORT'))).toBe(config.port)
  expect(Number(fallback('COUNTERSIGN_GATEWAY_PORT'))).toBe(config.gatewayPort)
  expect(fallback('COUNTERSIGN_ORIGIN').replace('<port>', String(config.port))).toBe(config.origin)
  expect(fallback('COUNTERSIGN_LOG')).toBe(config.logLevel)
  const { telemetry } = readConfig({ COUNTERSIGN_ADMIN_PORT: '1' })
  expect(fallback('COUNTERSIGN_ADMIN_HOST')).toBe(telemetry.admin?.host)
  expect(config.telemetry).toEqual({ admin: null, traces: null })
  expect(config.databaseUrl).toBe(null)
  expect(config.mail).toBe(null)
  expect(Number(fallback('COUNTERSIGN_DIGEST_HOUR'))).toBe(config.digestHour)
})

test.each(pages)('the links of %s lead somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, target = '']) => target)
  const dead = links.filter((target) => !existsSync(join(root, dirname(page), target)))
  expect(dead).toEqual([])
})

test.each(guides)('the routes that %s names exist', (page) => {
  const ids = new Set(routes.map(({ id }) => id as string))
  const families = new Set([...ids].map((id) => id.split('.')[0]))
  const text = read(page)
  const named = [
    ...[...text.matchAll(/`([a-z][A-Za-z]+\.[a-z][A-Za-z]+)`/g)]
      .map(([, id = '']) => id)
      .filter((id) => families.has(id.split('.')[0]) && !id.endsWith('.json') && !eventKinds.has(id)),
    ...[...text.matchAll(/countersign call ([\w.]+)/g)].map(([, id = '']) => id),
  ]
  expect(named.filter((id) => !ids.has(id))).toEqual([])
  const paths = new Set<string>(routes.map(({ path }) => path))
  const asked = [...text.matchAll(/\/api\/v1\/[a-z/-]+/g)].map(([path]) => path)
  expect(asked.filter((path) => !paths.has(path))).toEqual([])
})
