import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Faults that need more than a gateway and its upstream, and the tests that meet them, by their whole titles. */
const elsewhere: readonly (readonly [row: string, file: string, title: string])[] = [
  [
    'the database is gone until the snapshot is too old',
    'test/integration/gateway.test.ts',
    'without the database it serves until the limit of the tier, then refuses, and recovers by itself',
  ],
  [
    'the database is frozen',
    'test/fault/slow-and-full.test.ts',
    'while the database is frozen the API says so and the gateway goes on; afterwards both are as before',
  ],
  [
    'the disk is full',
    'test/fault/full-disk.test.ts',
    'what the full disk has no room for is refused as unavailable, and goes through when there is room',
  ],
  [
    'the clock of the process is set',
    'test/fault/clock-steps.test.ts',
    'when the clock of the process alone steps %s, nothing is served until it is right again',
  ],
  [
    'the clock of the database is set',
    'test/fault/clock-steps.test.ts',
    'when the clock of the database alone steps %s, nothing is served until it is right again',
  ],
  [
    'both clocks are set',
    'test/fault/clock-steps.test.ts',
    'when both step back before the decision, nothing is served on it',
  ],
  [
    'notifications are lost',
    'test/fault/lost-notify.test.ts',
    'when the database hangs and notifies nobody, tier %i goes on up to its limit and not longer; a stop holds then',
  ],
  [
    'the process is killed',
    'test/fault/kill.test.ts',
    'round %i: killed under load, what was acknowledged is there once, and the log has no fork',
  ],
  [
    'a grant expires while an answer runs',
    'src/gateway/gateway.test.ts',
    'plain expiry lets a running answer finish, but no new one begin',
  ],
  ['a stop reaches an open stream', 'src/gateway/gateway.test.ts', '%s cuts an open stream natively'],
  [
    'a policy that errs',
    'src/guard/tools/cedar/cedar.test.ts',
    '6,000 generated cases are decided as Cedar decides them, except that a forbid that errs denies',
  ],
  [
    'an address that may not be reached',
    'src/gateway/mcp/mcp.test.ts',
    'an address in a network that was not opened is never reached',
  ],
  [
    'an upstream that does not begin to answer, with another one behind it',
    'test/clients/fallback.test.ts',
    '%s: one that says nothing is not waited for, and not asked again',
  ],
  [
    'arguments that have changed',
    'src/gateway/mcp/mcp.test.ts',
    'what is inspected is what is sent: no number and no white space of the arguments is written anew',
  ],
]

test.each(elsewhere)('%s: %s', (_row, file, title) => {
  expect(titlesIn(readFileSync(join(root, file), 'utf8'))).toContain(title)
})

/** Titles of the tests that a file runs: the first argument of what is called by `test` or by what `test.each` gives. */
function titlesIn(source: string): readonly string[] {
  return [...source.matchAll(/(?:\btest|[\])}])\(\s*(['"`])(.+?)\1,/g)].map(([, , title = '']) => title)
}

test('a title counts where a test has it, and nowhere else', () => {
  const source =
    "// never: 'a'\ntest('b', f)\ntest.skip('c', f)\ntest.each([1])(\n  'd %i',\n  f)\nlog('e', 'f')"
  expect(titlesIn(source)).toEqual(['b', 'd %i'])
})
