import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cedarEngine, parsePolicies, validatePolicies } from './cedar-wasm.ts'

const folder = join(import.meta.dirname, '../../../catalogue/tool-policies')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const model = read('model.1.cedarschema')

function parsed(text: string) {
  const result = parsePolicies(text)
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result
}

test('the shipped policies are formatted, of the model, and the same in both forms', () => {
  const text = read('default.1.cedar')
  const result = parsed(text)
  expect(result.text).toBe(text)
  expect(validatePolicies(result.policies, model)).toEqual([])
  expect(JSON.parse(read('default.1.json'))).toEqual({
    key: 'default',
    version: 1,
    policies: result.policies,
  })
})

test.each([
  ['a text that is no policy', 'permit(principal, action);', ''],
  ['a policy without an id', 'permit(principal, action, resource);', ''],
  [
    'an id twice',
    '@id("a") permit(principal, action, resource); @id("a") forbid(principal, action, resource);',
    'a',
  ],
  ['a template', '@id("a") permit(principal == ?principal, action, resource);', ''],
])('%s is refused', (_what, text, policy) => {
  const result = parsePolicies(text)
  expect(result.ok ? [] : result.faults.map((fault) => fault.policy)).toEqual([policy])
})

test.each([
  ['an attribute that the model has not', 'context.mood == "good"'],
  ['operands of two types', 'context.tier == "3"'],
  ['an argument that nobody has declared', 'context.args.amount > 3'],
  ['a condition that never holds', 'resource in Server::"mail" && resource is Agent'],
])('policies with %s do not fit the model', (_what, condition) => {
  const { policies } = parsed(`@id("p") forbid(principal, action, resource) when { ${condition} };`)
  expect(validatePolicies(policies, model).map(({ policy }) => policy)).toContain('p')
})

test('an organisation declares the arguments that its policies name', () => {
  const { policies } = parsed(
    '@id("p") forbid(principal, action, resource) when { context.args has amount && context.args.amount > 3 };',
  )
  const own = model.replace('type Args = {};', 'type Args = { amount?: Long };')
  expect(validatePolicies(policies, own)).toEqual([])
})

test('a model that is none, and calls that are none, are told', () => {
  const { policies } = parsed('@id("p") permit(principal, action, resource);')
  expect(validatePolicies(policies, 'entity')).not.toEqual([])
  const name = { type: 'A', id: '1' }
  const call = { principal: name, action: name, resource: name, context: { a: null }, entities: [] }
  expect(() => cedarEngine(policies)(call)).toThrow('null')
  expect(() => cedarEngine({ p: { effect: 'permit' } })).toThrow('missing field')
})
