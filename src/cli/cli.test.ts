import { expect, test } from 'vitest'
import { z } from 'zod'
import { runIn } from '../../test/support/cli.ts'
import { problemOf } from '../contracts/problem.ts'
import { route } from '../contracts/route.ts'
import type { ErrorCode } from '../kernel/index.ts'
import { callCommand } from './call.ts'
import { runCli, type CliIo } from './cli.ts'
import { gateCommand } from './gate.ts'

const evaluate = route({
  id: 'gate.evaluate',
  method: 'POST',
  path: '/api/v1/gate/evaluations',
  access: { permission: 'gate.evaluate' },
  body: z.strictObject({ releaseDigest: z.string(), deployment: z.string(), environment: z.string() }),
  reply: z.looseObject({}),
  summary: 'Evaluate the gate',
  tag: 'enforcement',
})

const check = [
  'gate',
  'check',
  '--release',
  'sha256:a',
  '--deployment',
  'd',
  '--environment',
  'prod',
  '--receipt',
  'r.json',
]

async function run(
  argv: readonly string[],
  answer: () => Response,
  options: { valid?: boolean; env?: CliIo['env'] } = {},
) {
  const seen = { out: '', err: '', files: new Map<string, string>(), headers: {} as unknown }
  const io: CliIo = {
    out: (text) => (seen.out += text),
    err: (text) => (seen.err += text),
    ask: null,
    env: options.env ?? { COUNTERSIGN_URL: 'http://localhost:1', COUNTERSIGN_API_KEY: 'key' },
    fetch: async (_, init) => {
      seen.headers = init?.headers
      return answer()
    },
    readFile: async (path) => seen.files.get(path) ?? Promise.reject(new Error('no such file')),
    writeFile: async (path, text) => void seen.files.set(path, text),
  }
  const commands = [gateCommand([evaluate], async () => options.valid ?? true), callCommand([evaluate])]
  return { code: await runCli(commands, argv, io), ...seen }
}

const verdict = (value: string) => () =>
  Response.json({
    verdict: value,
    reasons: [{ code: 'NO_DECISION', params: { tier: 1 } }],
    receipt: { jws: 'x' },
  })
const fault = (code: ErrorCode) => () => {
  const document = problemOf({
    code,
    detail: 'no\u001b[2J',
    requestId: 'req_1',
    reasons: [
      { code: 'A', params: {} },
      { code: 'B', params: {} },
    ],
  })
  return Response.json(document, { status: document.status })
}

test.each([
  ['allow', verdict('allow'), 0],
  ['deny', verdict('deny'), 3],
  ['unverifiable', verdict('unverifiable'), 4],
  ['an unknown verdict', verdict('maybe'), 4],
  ['no JSON', () => new Response('<html>'), 4],
  ['a fault of the server', fault('FAIL_CLOSED'), 4],
  ['throttling', fault('THROTTLED'), 4],
  ['wrong input', fault('INVALID_INPUT'), 2],
  ['no permission', fault('FORBIDDEN'), 3],
  [
    'no network',
    () => {
      throw new TypeError('fetch failed')
    },
    4,
  ],
])('the gate answers %s', async (_, answer, code) => {
  expect((await run(check, answer)).code).toBe(code)
})

test('an allow whose receipt does not verify is unverifiable', async () => {
  const result = await run(check, verdict('allow'), { valid: false })
  expect([result.code, result.out]).toEqual([4, expect.stringContaining('RECEIPT_SIGNATURE_INVALID')])
})

test('the receipt is written and the key is sent', async () => {
  const result = await run([...check, '--json'], verdict('deny'))
  expect(result.files.get('r.json')).toBe('{"jws":"x"}\n')
  expect(JSON.parse(result.out)).toMatchObject({ verdict: 'deny' })
  expect(result.headers).toMatchObject({ authorization: 'Bearer key', 'idempotency-key': expect.any(String) })
})

test('a problem is shown with every reason and without control characters', async () => {
  const result = await run(check, fault('REFUSED'))
  expect(result.code).toBe(3)
  expect(result.err).toContain('- A')
  expect(result.err).toContain('- B')
  expect(result.err).not.toContain('\u001b')
})

test.each([
  [['gate', 'check'], 2],
  [['gate', 'check', '--help'], 0],
  [['--help'], 0],
  [['unknown'], 2],
  [[...check, '--wrong'], 2],
  [['call', 'no.route'], 2],
  [['call', 'gate.evaluate', '--body', '{'], 2],
  [['call', 'gate.evaluate', '--body', '{}'], 0],
])('command line %j gives %i', async (argv, code) => {
  expect((await run(argv, verdict('allow'))).code).toBe(code)
})

test('a call says what is missing before it is sent', async () => {
  const read = route({
    id: 'things.read',
    method: 'GET',
    path: '/api/v1/things/:id',
    access: { public: true },
    params: z.strictObject({ id: z.string() }),
    reply: z.looseObject({}),
    summary: 'A thing',
    tag: 'things',
  })
  const call = (...argv: readonly string[]) =>
    runIn({ env: { COUNTERSIGN_URL: 'http://localhost:1' } }, [callCommand([read])], ['call', ...argv])
  const wrong = await call('things.reed')
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('there are things.read')])
  const bare = await call('things.read')
  expect([bare.code, bare.err, bare.requests]).toEqual([2, expect.stringContaining('must name id'), []])
  const unanswered = await call('things.read', '--params', '{"id": "a"}')
  expect([unanswered.code, unanswered.err]).toEqual([4, 'http://localhost:1 did not answer\n'])
})

test('without an address nothing is sent', async () => {
  expect((await run(check, verdict('allow'), { env: {} })).code).toBe(2)
})
