import { expect, test } from 'vitest'
import type { Json } from '../../kernel/index.ts'
import { compileCondition, holds, maxConditionBytes, maxListLength, type VariableType } from './condition.ts'

const variables: Readonly<Record<string, VariableType>> = {
  tier: 'int',
  risk: 'double',
  tool: 'string',
  findings: 'list<string>',
  args: 'map<string, dyn>',
  external: 'bool',
}
const facts: { readonly [name: string]: Json } = {
  tier: 3,
  risk: 0.5,
  tool: 'mail/send',
  findings: ['card', 'role.chat-markup'],
  args: { to: 'a@example.org', amount: 7, nested: { list: [1, 2] } },
  external: true,
}

function compiled(text: string) {
  const result = compileCondition(text, variables)
  if (!result.ok) throw new Error(result.fault)
  return result.condition
}

test.each([
  ['tier == 3 && external', true],
  ['tier > 3 || risk >= 0.5', true],
  ['tool.startsWith("mail/") && "card" in findings', true],
  ['findings.exists(f, f.startsWith("role."))', true],
  ['findings.all(f, f == "card")', false],
  ['size(findings) == 2', true],
  ['args.amount == 7', true],
  ['has(args.missing)', false],
  ['args.nested.list[1] == 2', true],
  ['args.missing == 1', null],
  ['args.amount == 7 && args.missing == 1', null],
  ['args.to > 3', null],
  ['1 / (tier - 3) == 1', null],
  ['9223372036854775807 + tier > 0', null],
])('%s is %s', (text, expected) => {
  expect(compiled(text).evaluate(facts)).toBe(expected)
})

test('a condition that errs holds', () => {
  expect(holds(compiled('args.missing == 1'), facts)).toBe(true)
  expect(holds(compiled('tier == 1'), facts)).toBe(false)
})

test('a fact that is missing or too long makes a condition err', () => {
  expect(compiled('tier == 3').evaluate({})).toBeNull()
  const findings = Array.from({ length: maxListLength + 1 }, () => 'card')
  expect(compiled('"card" in findings').evaluate({ ...facts, findings })).toBeNull()
  expect(compiled('"card" in findings').evaluate({ ...facts, findings: findings.slice(1) })).toBe(true)
})

test.each([
  ['an empty text', '', 'malformed'],
  ['no expression', 'tier ==', 'malformed'],
  ['an unknown variable', 'tiers == 3', 'malformed'],
  ['operands of two types', 'tier == "3"', 'malformed'],
  ['an unknown function', 'tool.explode()', 'malformed'],
  ['a number', 'tier + 1', 'not_boolean'],
  ['a text of unknown type', 'args.to', 'not_boolean'],
  ['a pattern', 'tool.matches("^(a+)+$")', 'pattern_refused'],
  ['a pattern in a loop', 'findings.all(f, f.matches("a"))', 'pattern_refused'],
  ['a pattern in a list', '[tool.matches("a")][0]', 'pattern_refused'],
  ['a pattern in a map', '{"a": tool.matches("a")}["a"]', 'pattern_refused'],
  ['a loop in a loop', 'findings.all(f, findings.exists(g, f == g))', 'nested_loops'],
  ['a loop over a loop', 'findings.map(f, f + "a").all(f, f != "")', 'nested_loops'],
  ['a name for an expression', 'cel.bind(x, tool + tool, x + x == "")', 'malformed'],
  ['more than 256 nodes', Array.from({ length: 120 }, () => 'tier == 3').join(' && '), 'too_many_nodes'],
  ['more than 2 KiB', `tool == "${'x'.repeat(maxConditionBytes)}"`, 'too_long'],
])('%s is no condition', (_what, text, fault) => {
  expect(compileCondition(text, variables)).toEqual({ ok: false, fault })
})
