import { identifiers } from '../../src/guard/identifiers/index.ts'
import { parseForm } from '../../src/guard/secrets/form.ts'
import type { TokenCatalogue } from '../../src/guard/secrets/index.ts'

/** A text with one value of a kind in it, or with none, and where it stands. */
export type LeakText = {
  readonly type: string | null
  readonly text: string
  readonly start: number
  readonly end: number
}

type Random = (below: number) => number

function randomOf(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const pick = <T>(random: Random, items: readonly T[]): T => items[random(items.length)] as T // never empty
const digits = '0123456789'
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const runs = {
  '9': digits,
  A: capitals,
  X: digits + capitals,
  h: `${digits}abcdef`,
  a: 'abcdefghijklmnopqrstuvwxyz',
  m: `abcdefghijklmnopqrstuvwxyz${capitals}${digits}`,
} as const

/** A layout with its classes filled in; what stands in quotation marks stands for itself. */
function filled(random: Random, layout: string): string {
  let [text, isQuoted] = ['', false]
  for (const character of layout.split('')) {
    if (character === "'") isQuoted = !isQuoted
    else if (isQuoted || !(character in runs)) text += character
    else text += pick(random, runs[character as keyof typeof runs].split('')) // a key, by the line above
  }
  return text
}

/** Written kinds of identifiers: the words in front, and layouts. Check digits are found by trying. */
const checked: Readonly<Record<string, readonly [labels: string, layouts: readonly string[]]>> = {
  card: [
    'card number|credit card|Visa',
    ["'4'999 9999 9999 9999", "'5'199-9999-9999-9999", "'37'9999999999999"],
  ],
  iban: [
    'IBAN|account',
    ["'DE'99 9999 9999 9999 9999 99", "'FR'9999999999999999999999999", "'GB'99AAAA99999999999999"],
  ],
  'us.ssn': ['SSN|social security number', ['999-99-9999']],
  'us.itin': ['ITIN', ["'9'99-'7'9-9999"]],
  'us.aba': ['routing number|ABA', ["'0'99999999"]],
  'us.npi': ['NPI|provider number', ["'1'999999999"]],
  'us.dea': ['DEA number|prescriber', ["'B'A9999999"]],
  'ca.sin': ['SIN', ['999-999-999', '999 999 999']],
  'gb.nino': ['NINO|National Insurance', ["'AB'999999'C'", "'JG' 99 99 99 'A'"]],
  'uk.nhs': ['NHS number|NHS', ['999 999 9999', '9999999999']],
  'ie.pps': ['PPS number', ['9999999A']],
  'de.steuer-id': ['Steuer-ID|IdNr', ['99999999999', '99 999 999 999']],
  'fr.nir': ['NIR|sécurité sociale', ["'1' 99 '0'9 99 999 999 99", "'2'99'0'99999999999"]],
  'es.dni': ['DNI', ['99999999A']],
  'es.nie': ['NIE', ["'X'9999999A"]],
  'it.cf': ['codice fiscale', ["AAAAAA99'A'99'A'999A"]],
  'nl.bsn': ['BSN|burgerservicenummer', ['999999999']],
  'be.nrn': ['rijksregister|registre national', ["99.'0'9.'1'9-999.99"]],
  'pl.pesel': ['PESEL', ["99'0'9'1'999999"]],
  'pt.nif': ['NIF', ['999999999']],
  'se.personnummer': ['personnummer', ["99'0'9'1'9-9999"]],
  'no.fnr': ['fødselsnummer', ["'1'9'0'99999999"]],
  'fi.hetu': ['henkilötunnus|hetu', ["'1'9'0'999-999A"]],
  'ch.ahv': ['AHV', ["'756'.9999.9999.99"]],
  'ro.cnp': ['CNP', ["'1'99'0'9'1'9999999"]],
  'bg.egn': ['EGN', ["99'0'9'1'99999", "99'1'0'1'99999"]],
  'cz.rc': ['rodné číslo', ["99'0'9'1'9/9999"]],
  'tr.tckn': ['TC Kimlik', ['99999999999']],
  'hr.oib': ['OIB', ['99999999999']],
  'br.cpf': ['CPF', ['999.999.999-99']],
  'cl.rut': ['RUT', ["'1'9.999.999-9"]],
  'in.aadhaar': ['Aadhaar', ["'2'999 9999 9999"]],
  'cn.rid': ['身份证', ["'110105'19'8'9'0'9'1'99999"]],
  'jp.mynumber': ['My Number', ['999999999999']],
  'kr.rrn': ['RRN', ["'9'9'0'9'1'9-'1'999999"]],
  'sg.nric': ['NRIC', ["'S'9999999A"]],
  'za.id': ['identity number', ["99'0'9'1'99999'08'9"]],
  'au.tfn': ['TFN|tax file number', ['999 999 999']],
  'au.medicare': ['Medicare number', ["'2'999 99999 9"]],
  imei: ['IMEI', ['999999999999999']],
  vin: ['VIN', ["'1'A9AA99A9AA999999"]],
}

/** Kinds without a check digit that is tried here. */
const written: Readonly<Record<string, readonly [labels: string, layouts: readonly string[]]>> = {
  email: [
    'email|contact|mail',
    ["aaaaaa.aaaa'@'aaaaaaa.'com'", "aaaa99'@'aaa.aaaaaaa.'org'", "a.aaaaaaa+aaa'@'aaaaa-aaaa.'de'"],
  ],
  phone: [
    'phone|mobile|Tel',
    [
      "'('299') 555-'9999",
      "'+1 ' 299 '-' 999 '-' 9999".replaceAll(' ', ''),
      "'+44 20 79'99 9999",
      "'+49 30 '9999999",
      "'020 79'99 9999",
      "'06 '99 99 99 99",
      "'+33 6 '99 99 99 99",
      "'+34 6'99 999 999",
      "'+39 3'99 9999999",
      "'+31 6 '99999999",
      "'+91 98'999 99999",
      "'+81 90-'9999-9999",
      "'+61 4'99 999 999",
      "'+55 11 9'9999-9999",
    ],
  ],
  ipv4: ['IP address|client', ["'8'9.'1'99.'2'9.'1'9"]],
  ipv6: ['IP address|client', ["'2a02:'hhhh':'hhhh':1:'hhhh':'hhhh':'hhhh':'hhhh", "'2600:'hhhh'::'hhh"]],
  'mac-address': ['MAC address', ["hh':'hh':'hh':'hh':'hh':'hh", "hh'-'hh'-'hh'-'hh'-'hh'-'hh"]],
  'date-of-birth': ['date of birth|DOB|Geburtsdatum', ["'19'79'-03-1'9", "'1'9'/07/19'89", "'1'9'.11.19'79"]],
  'health.record': ['MRN|patient ID', ["'MR-'9999999", '99999999']],
  'health.icd10': ['diagnosis|ICD-10', ["'E1'9.9", "'F3'9.99"]],
  bic: ['BIC|SWIFT', ["AAAA'DE'XX", "AAAA'GB'XXXXX"]],
  'vehicle-plate': ['license plate', ['AA99 AAA', "'B-'AA 9999", 'AA-999-AA']],
  eth: ['wallet|ETH address', ["'0x'hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"]],
}

const carriers = [
  '{label}: {value}',
  'My {label} is {value}, thanks.',
  '{"customer": {"name": "R. Doe", "{label}": "{value}"}}',
  'Please update the file: {label} {value}. The rest stays as it is.',
  '| name | {label} |\n|---|---|\n| R. Doe | n/a |\n\n{label} = {value}\n',
  'Hello,\n\nas agreed I send you my {label}: {value}\n\nKind regards',
  'row 17; R. Doe; {label}={value}; ok',
  'ticket 88213 ({label} {value}) was closed on 2024-03-18',
]
const harmless = [
  'Order 99999999 of 2024-03-18 was shipped in 3 parcels, invoice 2024/000999, total 1,249.99 EUR.',
  'commit hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh fixed the build in 12.9 s, version 9.9.99-rc.9.',
  'trace hhhhhhhh-hhhh-4hhh-8hhh-hhhhhhhhhhhh took 999 ms at 2024-11-29T17:15:04.999Z on node-99.',
  'sha256:hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh is the digest of the image.',
  'Ticket SEC-99999: 99999 rows were read, 999 of them twice; see page 99 and ISBN 978-3-16-148410-0.',
  'product 9999999999999 has 99 reviews; article number 999.999.99, stock 9999, shelf A-99.',
  'const id = "mmmmmmmmmmmmmmmm"; // key of the cache, 99 entries, timeout 99999 ms',
  'password: ${DB_PASSWORD} and token = os.environ["API_TOKEN"] come from the environment.',
  'Set api_key: <your-api-key> and secret: changeme before the first start.',
  'The password must have 12 characters; the token expires after 99 days; tokens_used: 9999.',
  'PasswordLastChanged: "2019-04-01T00:00:00Z", tokenType: "Bearer", page_token: "mmmmmmmmmmmmmmmmmmmm"',
  'GET /items/99999999/reviews?page=99&size=99 HTTP/1.1" 200 9999 "-" "agent/9.99"',
].map((text) => text.replaceAll(/h{3,}|9{2,}|m{8,}/g, (run) => `\u00ab${run}\u00bb`))

/** Harmless numbers are filled in as well. */
function harmlessText(random: Random): string {
  return pick(random, harmless).replaceAll(/\u00ab(.*?)\u00bb/g, (_, run: string) => filled(random, run))
}

const tries = 60_000

/** `count` texts of each kind, and as many without any; the same seed gives the same texts. */
export function personalTexts(seed: number, count: number): readonly LeakText[] {
  const random = randomOf(seed)
  const texts: LeakText[] = []
  for (const [type, [labels, layouts]] of [...Object.entries(checked), ...Object.entries(written)]) {
    const rule = type in checked ? identifiers.find((known) => known.rule === type) : undefined
    for (let i = 0; i < count; i += 1) {
      const layout = pick(random, layouts)
      let value = filled(random, layout)
      for (
        let n = 0;
        n < tries && rule?.matches(value.replaceAll(/[ ./()-]/g, ''), value, -1) === null;
        n += 1
      )
        value = filled(random, layout)
      texts.push(carried(random, type, pick(random, labels.split('|')), value))
      texts.push(none(harmlessText(random)))
    }
  }
  return texts
}

/** Tokens of the catalogue, and generic credentials as people write them. */
export function secretTexts(seed: number, count: number, { tokens }: TokenCatalogue): readonly LeakText[] {
  const random = randomOf(seed)
  const texts: LeakText[] = []
  for (const { form } of tokens)
    for (let i = 0; i < count; i += 1) {
      const label = pick(random, ['key', 'value', 'X-Service', 'config', 'use'])
      texts.push(carried(random, 'provider', label, tokenOf(random, form)), none(harmlessText(random)))
    }
  for (let i = 0; i < 40 * count; i += 1) texts.push(generic(random), none(harmlessText(random)))
  return texts
}

const words = 'river Winter tiger Copper maple Orbit violet Harbor falcon Amber'.split(' ')
const genericCarriers = [
  'password = "{p}"',
  "db_password: '{p}'",
  'export DB_PASSWORD={p}',
  '{"username": "svc", "password": "{p}"}',
  'the password is {p}',
  'mysql --user=root --password={p} app',
  'Server=db1;Database=app;User Id=sa;Password={p};Encrypt=true',
  'jdbc:postgresql://db:5432/app?user=app&password={p}',
  'postgres://svc:{p}@db.internal:5432/app',
  'api_key: {k}',
  'const apiKey = "{k}"',
  'client_secret={k}',
  'Authorization: Bearer {k}',
  'curl -u deploy:{p} https://ci.internal/job',
  'machine git.internal login bot password {p}',
  'secret_token: "{k}"',
  'AccountKey={k}',
  'Passwort: {p}',
]

function generic(random: Random): LeakText {
  const password = pick(random, [
    () =>
      `${pick(random, words)}${filled(random, '99')}${pick(random, ['!', '#', '&', '-'])}${pick(random, words)}`,
    () => filled(random, 'mmmmmmmmmmmm'),
    () => `${pick(random, words)}${filled(random, '9999')}!`,
    () => filled(random, 'aaaa-aaaa-9999'),
  ])()
  const key = pick(random, [() => 'h'.repeat(32), () => 'm'.repeat(40), () => 'm'.repeat(24)])()
  const carrier = pick(random, genericCarriers)
  const value = carrier.includes('{p}') ? password : filled(random, key)
  const at = carrier.includes('{p}') ? carrier.indexOf('{p}') : carrier.indexOf('{k}')
  const text = carrier.replace(/\{[pk]\}/, () => value)
  return { type: 'generic', text, start: at, end: at + value.length }
}

function carried(random: Random, type: string, label: string, value: string): LeakText {
  const carrier = pick(random, carriers).replaceAll('{label}', label)
  const start = carrier.indexOf('{value}')
  return { type, text: carrier.replace('{value}', () => value), start, end: start + value.length }
}

function none(text: string): LeakText {
  return { type: null, text, start: 0, end: 0 }
}

/** A token of a form; so long that its random part has the disorder of one. */
function tokenOf(random: Random, form: string): string {
  const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
  return parseForm(form)
    .map(({ isIn, min, max }) => {
      const allowed = characters.filter((character) => isIn(character.charCodeAt(0)))
      const count = min + random(Math.min(max - min, 24) + 1)
      return Array.from({ length: count }, () => pick(random, allowed)).join('')
    })
    .join('')
}
