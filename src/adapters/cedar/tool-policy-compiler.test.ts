import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createToolPolicyCompiler } from './tool-policy-compiler.ts'

const folder = join(import.meta.dirname, '../../../catalogue/tool-policies')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const compiler = createToolPolicyCompiler(read('model.1.cedarschema'))
const rule = (condition: string) =>
  `// größer\n@id("p")\nforbid (principal, action, resource)\nwhen { ${condition} };\n`

test('the shipped policies pass, and give the form that ships', () => {
  const checked = compiler.check({ text: read('default.1.cedar'), args: '{}' })
  const { policies } = JSON.parse(read('default.1.json')) as { policies: object }
  expect(checked).toMatchObject({ ok: true, policies, text: read('default.1.cedar') })
})

test.each<[string, string, string, string, number | null, number | null, RegExp]>([
  ['is no Cedar', 'permit (principal, action);', '{}', 'text', 1, 26, /resource/],
  ['ends too early', '@id("a") permit (', '{}', 'text', 1, 18, /unexpected end/],
  ['reads what the model has not', rule('context.mood == "ö"'), '{}', 'text', 4, 8, /mood/],
  ['reads an argument that is not declared', rule('context.args.amount > 1'), '{}', 'text', 4, 8, /amount/],
  ['compares two types', rule('context.tier == "3"'), '{}', 'text', 4, 8, /./],
  ['has no id', 'permit (principal, action, resource);', '{}', 'text', null, null, /@id/],
  ['says nothing', '// nothing\n', '{}', 'text', null, null, /no policy/],
  ['has a number that no one keeps', rule('context.tier == 9007199254740993'), '{}', 'text', null, null, /./],
  [
    'has a condition that is none',
    '@id("p") @deny_when("tool ==") permit (principal, action, resource);',
    '{}',
    'text',
    null,
    null,
    /condition_malformed/,
  ],
  [
    'has a condition without effect',
    '@id("p") @deny_when("true") forbid (principal, action, resource);',
    '{}',
    'text',
    null,
    null,
    /condition_on_forbid/,
  ],
  [
    'has an annotation that means nothing',
    '@id("p") @aprove_when("true") permit (principal, action, resource);',
    '{}',
    'text',
    null,
    null,
    /known are .*@approve_when/,
  ],
  ['names a type that there is not', rule('true'), '{ amount?: Lonk }', 'args', 1, 12, /Lonk/],
  ['adds to the model', rule('true'), '{}; entity Other; type B = {}', 'args', null, null, /record type/],
])('a draft that %s is refused at its place', (_what, text, args, part, line, column, message) => {
  const checked = compiler.check({ text, args })
  const [fault] = checked.ok ? [] : checked.faults
  expect(fault).toMatchObject({ part, line, column })
  expect(fault?.message).toMatch(message)
})

test('arguments that are declared may be read, and one fault is told once', () => {
  const amount = rule('context.args has amount && context.args.amount > 1')
  expect(compiler.check({ text: amount, args: '{ amount?: Long }' }).ok).toBe(true)
  const twice = compiler.check({ text: rule('context.mood == 1'), args: '{}' })
  expect(twice.ok ? 0 : twice.faults.length).toBe(1)
})
