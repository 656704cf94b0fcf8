import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { runIn } from '../../test/support/cli.ts'
import { epochMs, functions, idFrom } from '../kernel/index.ts'
import { lintCommands } from './lint.ts'

const shipped = (path: string) =>
  readFileSync(resolve(import.meta.dirname, '../../catalogue', `${path}.1.json`), 'utf8')
const policy = shipped('tier-policies/security-ai')
const template = JSON.parse(shipped('charters/default')) as { readonly rules: { readonly initial: object } }
const id = (kind: 'user' | 'seat', n: number) => idFrom(kind, epochMs(0), new Uint8Array(10).fill(n))
const seats = functions.map((fn, n) => ({
  id: id('seat', n),
  fn,
  holder: id('user', n),
  alternates: [],
  chair: n === 0,
}))
const charter = { ...template, version: 1, seats }

const files = {
  policy,
  questionnaire: shipped('questionnaires/security-ai'),
  triggers: shipped('triggers/default'),
  map: shipped('legal-maps/eu-ai-act'),
  calendar: shipped('calendars/weekdays'),
  holidays: shipped('calendars/weekdays').replace('[]', '["2026-02-30"]'),
  loose: policy.replace('"3": 70', '"3": 71'),
  fewer: JSON.stringify({ ...JSON.parse(shipped('triggers/default')), triggers: [] }),
  lawless: shipped('legal-maps/eu-ai-act').replace('Art. 5(1)(f)', 'Art. 6'),
  retyped: shipped('questionnaires/security-ai').replace('"other"', '"others"'),
  template: JSON.stringify(template),
  charter: JSON.stringify(charter),
  unseated: JSON.stringify({ ...charter, seats: seats.slice(1) }),
  broken: policy.replace('"cuts"', '"cut"'),
  incomplete: JSON.stringify({ ...JSON.parse(shipped('questionnaires/security-ai')), questions: [] }),
  text: 'no JSON',
  list: '[]',
}
const lint = (...argv: readonly string[]) => runIn({ files }, lintCommands, argv)

test.each([
  [['policy', 'lint', 'policy'], 0, /^sound: sha256:/],
  [['policy', 'lint', 'triggers', '--policy', 'policy'], 0, /^sound: sha256:/],
  [['policy', 'lint', 'map'], 0, /^sound: sha256:/],
  [['questionnaire', 'lint', 'questionnaire', '--policy', 'policy'], 0, /^sound: sha256:/],
  [['policy', 'lint', 'calendar'], 0, /^sound: sha256:/],
  [['policy', 'lint', 'holidays'], 3, /DOCUMENT_INVALID .* at \/holidays\/0/],
  [['policy', 'lint', 'policy', '--base', 'policy'], 0, /^sound: sha256:/],
  [['policy', 'lint', 'loose', '--base', 'policy'], 3, /POLICY_LOOSENED .* at \/cuts\/3/],
  [['policy', 'lint', 'fewer', '--policy', 'policy', '--base', 'triggers'], 3, /TRIGGER_REMOVED/],
  [['policy', 'lint', 'lawless', '--base', 'map'], 3, /PROHIBITION_REMOVED article=Art. 5\(1\)\(f\)/],
  [
    ['questionnaire', 'lint', 'retyped', '--policy', 'policy', '--base', 'questionnaire'],
    3,
    /OPTION_REMOVED/,
  ],
  [['charter', 'lint', 'template'], 0, /^sound$/m],
  [['charter', 'lint', 'charter'], 0, /^sound: sha256:/],
  [['charter', 'lint', 'unseated'], 3, /REQUIRED_NOT_SEATED at=\/rules\/initial\/1[\s\S]*NO_CHAIR/],
  [['policy', 'lint', 'broken'], 3, /cut/],
  [['questionnaire', 'lint', 'incomplete', '--policy', 'policy'], 3, /^- /],
])('%j', async (argv, code, text) => {
  const done = await lint(...argv)
  expect([done.code, done.out]).toEqual([code, expect.stringMatching(text)])
})

test.each([
  [['questionnaire', 'lint', 'questionnaire']],
  [['policy', 'lint', 'triggers']],
  [['policy', 'lint', 'triggers', '--policy', 'broken']],
  [['policy', 'lint', 'policy', '--base', 'broken']],
  [['charter', 'lint', 'absent']],
  [['charter', 'lint', 'text']],
  [['charter', 'lint', 'list']],
])('%j is a wrong use, not a verdict', async (argv) => {
  expect((await lint(...argv)).code).toBe(2)
})
