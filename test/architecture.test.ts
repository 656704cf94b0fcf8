import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../src')

/** What each folder may import besides itself and the kernel. Arrows point inward only. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  governance: [],
  ledger: [],
  guard: [],
  contracts: [],
  app: ['governance', 'guard', 'ledger', 'contracts'],
  gateway: ['app', 'contracts', 'governance', 'guard', 'ledger'],
  api: ['app', 'contracts'],
  cli: ['app', 'contracts', 'ledger', 'governance', 'guard'],
  adapters: ['app', 'contracts', 'governance', 'guard', 'ledger'],
  main: ['adapters', 'api', 'app', 'cli', 'contracts', 'gateway', 'governance', 'guard', 'ledger'],
}
const pureFolders = ['governance', 'guard', 'ledger', 'contracts']
const pureLibraries = ['zod']
/** Files that are the one door of their folder to a library. */
const doors: Readonly<Record<string, readonly string[]>> = {
  'kernel/digest.ts': ['node:crypto'],
  'kernel/jws.ts': ['node:crypto'],
  'kernel/passkey.ts': ['node:crypto'],
  'kernel/crc32.ts': ['node:zlib'],
  'kernel/key-token.ts': ['node:crypto'],
  'kernel/secret.ts': ['node:util'],
  'kernel/canonical-json.ts': ['canonicalize'],
  'guard/tools/schema.ts': ['ajv', 'ajv/dist/2020.js'], // arguments against the schema of their tool
  'guard/tools/linear-pattern.ts': ['re2js'], // patterns of others, in linear time
  'guard/tools/condition.ts': ['@marcbachmann/cel-js'], // conditions of operators
  'governance/intake/import/csv.ts': ['csv-parse/sync', 'csv-stringify/sync'],
  'ledger/ed25519.ts': ['node:crypto'],
}

type Import = { readonly file: string; readonly target: string }

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => path.replaceAll('\\', '/'))

const imports: Import[] = sources.flatMap((file) => {
  const text = readFileSync(join(src, file), 'utf8')
  const found = text.matchAll(
    /^(?:import|export)\s[^'"]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm,
  )
  return [...found].map((match) => ({ file, target: match[1] ?? match[2] ?? match[3] ?? '' }))
})

const folderOf = (file: string) => file.split('/')[0] ?? ''
const resolved = ({ file, target }: Import) =>
  relative(src, resolve(src, dirname(file), target)).replaceAll('\\', '/')

test('every folder of src has its place in the architecture', () => {
  expect([...new Set(sources.map(folderOf))].filter((folder) => !(folder in mayImport))).toEqual([])
})

test('imports point inward only', () => {
  const wrong = imports
    .filter(({ target }) => target.startsWith('.'))
    .filter((item) => {
      const [from, to] = [folderOf(item.file), folderOf(resolved(item))]
      return from !== to && to !== 'kernel' && !mayImport[from]?.includes(to)
    })
  expect(wrong).toEqual([])
})

test('pure folders import no I/O and only pure libraries', () => {
  const wrong = imports
    .filter(({ file }) => pureFolders.includes(folderOf(file)) || folderOf(file) === 'kernel')
    .filter(({ target }) => !target.startsWith('.'))
    .filter(({ file, target }) => !pureLibraries.includes(target) && !doors[file]?.includes(target))
  expect(wrong).toEqual([])
})

test('the guard reads texts without regular expressions, whose time nobody bounds', () => {
  const wrong = sources.filter((file) => {
    if (folderOf(file) !== 'guard') return false
    const text = readFileSync(join(src, file), 'utf8')
      .replaceAll(/z\.string\(\)\.regex\(.*\)/g, '')
      .replaceAll('RE2JS.translateRegExp', '') // of the engine whose time is bounded
    return /RegExp|\.(?:match|matchAll|search|test|exec)\(|(?:split|replace|replaceAll)\(\//.test(text)
  })
  expect(wrong).toEqual([])
})

test('pure folders read no clock and no randomness', () => {
  const wrong = sources.filter((file) => {
    if (!pureFolders.includes(folderOf(file)) && folderOf(file) !== 'kernel') return false
    return /\bDate\.now\(|new Date\(\)|Math\.random\(|randomBytes\(|process\.env|performance\.now\(/.test(
      readFileSync(join(src, file), 'utf8'),
    )
  })
  expect(wrong).toEqual([])
})

test('folders inside governance import each other through index.ts only', () => {
  const wrong = imports
    .filter(({ file, target }) => folderOf(file) === 'governance' && target.startsWith('.'))
    .filter((item) => {
      const [from, to] = [item.file.split('/')[1], resolved(item).split('/')]
      return to[0] === 'governance' && to[1] !== from && to[2] !== 'index.ts'
    })
  expect(wrong).toEqual([])
})

test('only main imports adapters', () => {
  const wrong = imports.filter(
    (item) => item.target.startsWith('.') && folderOf(resolved(item)) === 'adapters',
  )
  expect(wrong.filter(({ file }) => !['main', 'adapters'].includes(folderOf(file)))).toEqual([])
})
