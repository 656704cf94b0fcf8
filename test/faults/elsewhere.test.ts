import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Faults that need more than a gateway and its upstream, and the tests that meet them. */
const elsewhere: readonly (readonly [row: string, file: string, title: string])[] = [
  [
    'the database is gone until the snapshot is too old',
    'test/integration/gateway.test.ts',
    'without the database it serves until the limit of the tier',
  ],
  [
    'the database is frozen',
    'test/fault/slow-and-full.test.ts',
    'while the database is frozen the API says so and the gateway goes on',
  ],
  ['the disk is full', 'test/fault/full-disk.test.ts', 'what the full disk has no room for is refused'],
  ['clocks are set', 'test/fault/clock-steps.test.ts', ''],
  ['notifications are lost', 'test/fault/lost-notify.test.ts', ''],
  ['the process is killed', 'test/fault/kill.test.ts', ''],
  [
    'a grant expires while an answer runs',
    'src/gateway/gateway.test.ts',
    'plain expiry lets a running answer finish, but no new one begin',
  ],
  ['a stop reaches an open stream', 'src/gateway/gateway.test.ts', 'cuts an open stream natively'],
  ['a policy that errs', 'src/guard/tools/cedar/cedar.test.ts', 'except that a forbid that errs denies'],
  [
    'an address that may not be reached',
    'src/gateway/mcp/mcp.test.ts',
    'an address in a network that was not opened is never reached',
  ],
  [
    'an upstream that does not begin to answer, with another one behind it',
    'test/clients/fallback.test.ts',
    'one that says nothing is not waited for, and not asked again',
  ],
  ['arguments that have changed', 'src/gateway/mcp/mcp.test.ts', 'what is inspected is what is sent'],
]

test.each(elsewhere)('%s: %s', (_row, file, title) => {
  const text = readFileSync(join(root, file), 'utf8')
  expect(text).toMatch(/\btest(\.each|\()/)
  expect(text).toContain(title)
})
