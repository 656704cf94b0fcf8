import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LaneScan, type Match } from '../stream/lane-scan.ts'
import { compilePlan } from '../stream/scan-plan.ts'
import { entropyOf } from './entropy.ts'
import { hasForm, parseForm } from './form.ts'
import { secretTriggers, tokenCatalogue } from './index.ts'

const catalogue = tokenCatalogue.parse(
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../catalogue/guard/tokens.json'), 'utf8')),
)
const plan = compilePlan({
  triggers: secretTriggers(catalogue),
  context: [],
  identifiers: [],
  holdsWords: true, // as the product does: a token may be known by its middle
})

function found(text: string, pieces: readonly string[] = [text]) {
  const scan = new LaneScan(plan)
  for (const piece of pieces) scan.push(piece)
  scan.end()
  return scan
    .take()
    .map(({ rule, sureness, start, end }) => ({ rule, sureness, start, end, text: text.slice(start, end) }))
}
/** What the matches of a text cover, adjoining ones joined. */
function covered(text: string): readonly string[] {
  const spans: { start: number; end: number }[] = []
  for (const { start, end } of found(text).toSorted((a, b) => a.start - b.start)) {
    const last = spans.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else spans.push({ start, end })
  }
  return spans.map(({ start, end }) => text.slice(start, end))
}

const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
/** A token of a form, made at run time so that no file holds one; `seed` chooses among the characters of each set. */
function made(form: string, seed: number): string {
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return parseForm(form)
    .map(({ isIn, min, max }) => {
      const allowed = characters.filter((character) => isIn(character.charCodeAt(0)))
      const count = min + Math.floor(random() * (Math.min(max, min + 40) - min + 1))
      return Array.from({ length: count }, () => allowed[Math.floor(random() * allowed.length)]).join('')
    })
    .join('')
}

test('there are at least 150 kinds of tokens, each with an id of its own', () => {
  expect(catalogue.tokens.length).toBeGreaterThanOrEqual(150)
  expect(new Set(catalogue.tokens.map(({ id }) => id)).size).toBe(catalogue.tokens.length)
})

test.each(catalogue.tokens.map(({ id, form }) => [id, form] as const))(
  'a token of %s is found, alone and in a text',
  (id, form) => {
    let seen = 0
    for (let seed = 1; seed <= 6; seed += 1) {
      const token = made(form, seed)
      for (const text of [
        token,
        `use ${token} here`,
        `{"key":"${token}"}`,
        `https://x.test/?k=${token}&b=1`,
        `(${token})`,
      ]) {
        const matches = found(text).filter(({ rule }) => rule === `secret.${id}`)
        if (matches.length > 0) expect(covered(text).join()).toContain(token)
        seen += matches.length > 0 ? 1 : 0
      }
    }
    expect(seen).toBeGreaterThan(22) // of 30: the random filling may have too little entropy, or run on into the text
  },
)

test.each(catalogue.tokens.map(({ id, form }) => [id, form] as const))(
  'what is no whole token of %s is none',
  (id, form) => {
    const token = made(form, 3)
    const least = parseForm(form).reduce((sum, { min }) => sum + min, 0)
    const found1 = (text: string) => found(text).filter(({ rule }) => rule === `secret.${id}`)
    expect(found1(`use ${token.slice(0, least - 1)} here`)).toEqual([])
    expect(found1(`use ${token.slice(0, 4)}`)).toEqual([])
  },
)

test.each<[string, readonly string[]]>([
  ['password = "Tr0ub4dor&3"', ['Tr0ub4dor&3']],
  ["db_password: 'x9!kLm2#qR'", ['x9!kLm2#qR']],
  ['The password is Winter2031! as always', ['Winter2031!']],
  ['dbPassword=pl4nt-R1ver-77', ['pl4nt-R1ver-77']],
  ['api_key: 9f8e7d6c5b4a39281706f5e4d3c2b1a0', ['9f8e7d6c5b4a39281706f5e4d3c2b1a0']],
  ['postgres://svc:h7Kq-29x@db.internal/app', ['svc:h7Kq-29x']],
  ['https://example.org/a@b', []],
  ['password: changeme', []],
  ['password = ${DB_PASSWORD}', []],
  ['password = os.environ["X"]', []],
  ['password: <your password>', []],
  ['reset your password and log in again', []],
  ['token = settings.auth.token_name', []],
  ['The secret of good bread is time.', []],
  ['passwordless sign-in', []],
  ['Tell me the password, quickly!', []],
  ['the password is right!!', []],
  ['"PasswordLastUsed": "2019-01-01T00:00:00Z"', []],
  ['PublicKeyToken=b77a5c561934e089', []],
  ['page_token: "As2WmuLlyei0YqvLwEje"', []],
  ['login --password pl4nt-R1ver-77 now', ['pl4nt-R1ver-77']],
  ['DB_PASS=pl4nt-R1ver-77', ['pl4nt-R1ver-77']],
  ['passed: 12-of-Fourteen', []],
  ['she changed the password to pl4nt-R1ver-77', ['pl4nt-R1ver-77']],
  ['<add key="ClearTextPassword" value="RXqI-Sg7W1b" />', ['RXqI-Sg7W1b']],
  ['curl -u deploy:h7Kq-29x https://ci.internal', ['deploy:h7Kq-29x']],
  ['rsync -u source:target-copy', []],
  ['machine git.internal login bot password h7Kq-29x', ['h7Kq-29x']],
  ['Authorization: Basic ZGVwbG95Omg3S3EtMjl4', ['ZGVwbG95Omg3S3EtMjl4']],
  ['{"auths":{"r.test":{"auth":"ZGVwbG95Omg3S3EtMjl4"}}}', ['ZGVwbG95Omg3S3EtMjl4']],
  ['Server=db;User Id=sa;Password=h7Kq-29x;Encrypt=true', ['h7Kq-29x']],
  ['monkey: abcdefghijklmnop1234567', []],
  ['postgres://svc:${PASSWORD}@db.internal/app', []],
])('%s', (text, expected) => {
  expect(covered(text)).toEqual(expected)
})

test('a token with the checksum of its provider is certain, one without it is likely', () => {
  const body = 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ'
  const token = (check: string) => ['ghp', `${body}${check}`].join('_')
  // CRC-32 of the thirty characters, in base 62.
  expect(found(token('0mLq17')).map(({ sureness }) => sureness)).toEqual(['certain'])
  expect(found(token('0mLq18')).map(({ sureness }) => sureness)).toEqual(['likely'])
})

test('a JSON Web Token has a header that names an algorithm', () => {
  const token = (header: string) =>
    [btoa(header), btoa('{"sub":"1234567890","iat":1516239022}'), 'c2lnbmF0dXJl']
      .join('.')
      .replaceAll('=', '')
  const sure = (header: string) =>
    found(token(header))
      .filter(({ rule }) => rule === 'secret.jwt')
      .map(({ sureness }) => sureness)
  expect(sure('{"alg":"HS256","typ":"JWT"}')).toEqual(['certain'])
  expect(sure('{"typ":"JWT","kid":"1234567"}')).toEqual(['possible'])
})

test('the private lines of a PuTTY key are found', () => {
  const body = `${'AAAAgQDLm1XkyZ'.repeat(8)}==`
  const key = `Private-Lines: 2\n${body}\n`
  expect(
    covered(`PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n${key}Private-MAC: ab`).join(''),
  ).toContain(body)
})

test('a private key is matched from its first line to its last', () => {
  const body = Array.from({ length: 20 }, (_, i) => made('[base64*64]', i + 1)).join('\n')
  const label = ['PRIVATE', 'KEY'].join(' ')
  for (const kind of ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ']) {
    const key = `-----BEGIN ${kind}${label}-----\n${body}\n-----END ${kind}${label}-----`
    expect(covered(`key:\n${key}\nthe end`)).toEqual([key])
    expect(covered(`cut ${key.slice(0, 700)}`)).toEqual([key.slice(0, 700)])
  }
  expect(covered(`-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`)).toEqual([])
})

test('law: the pieces of a text make no difference, and what was safe is in no match', () => {
  const kinds = [
    ...catalogue.tokens.map(({ form }) => form),
    ...catalogue.named.map(({ word, form }) => `${word}_key="${form}" `),
  ]
  const part = fc.oneof(
    fc.tuple(fc.constantFrom(...kinds), fc.nat(1_000)).map(([form, seed]) => made(form, seed + 1)),
    fc.constantFrom(
      ' ',
      '\n',
      'password = ',
      '"',
      'secret',
      ': ',
      '://',
      'a:b',
      '@',
      '-----BEGIN PRIVATE KEY-----',
      'sk-',
      'x',
    ),
    fc.string({ maxLength: 6 }),
  )
  let count = 0
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 8 }),
      fc.array(fc.nat(1_500), { maxLength: 12 }),
      (parts, cuts) => {
        const text = parts.join('')
        const whole = found(text)
        count += whole.length
        const places = [0, ...new Set(cuts.filter((cut) => cut < text.length))].toSorted((a, b) => a - b)
        expect(
          found(
            text,
            places.map((from, i) => text.slice(from, places[i + 1])),
          ),
        ).toEqual(whole)
        const scan = new LaneScan(plan)
        const safes: [number, number][] = []
        const taken: Match[] = []
        for (const unit of text.split('')) {
          scan.push(unit)
          taken.push(...scan.take())
          safes.push([scan.safe, taken.length])
        }
        scan.end()
        taken.push(...scan.take())
        for (const [safe, before] of safes)
          for (const match of taken.slice(before)) expect(match.start).toBeGreaterThanOrEqual(safe)
      },
    ),
    { numRuns: 150 },
  )
  expect(count).toBeGreaterThan(80)
})

test('forms and entropy', () => {
  expect(hasForm('ab12', parseForm('ab[digit*2]'))).toBe(true)
  expect(hasForm('ab1', parseForm('ab[digit*2]'))).toBe(false)
  expect(hasForm('ab123', parseForm('ab[digit*2]'))).toBe(false)
  expect(hasForm('ab', parseForm('ab[digit*0-2]'))).toBe(true)
  expect(() => parseForm('ab[digits*2]')).toThrow('is no form of a token')
  expect(() => parseForm('ab[digit*x]')).toThrow('is no form of a token')
  expect([entropyOf(''), entropyOf('aaaa'), entropyOf('abab'), entropyOf('abcd')]).toEqual([0, 0, 1, 2])
})
