import { expect, test } from 'vitest'
import { runIn, type CliWorld } from '../../test/support/cli.ts'
import { problemOf } from '../contracts/problem.ts'
import { epochMs, idFrom } from '../kernel/index.ts'
import { loginCommand } from './login.ts'

const person = idFrom('user', epochMs(0), new Uint8Array(10))
const welcome = () =>
  Response.json({ person, mfa: true }, { headers: { 'set-cookie': 'countersign_session=abc; HttpOnly' } })
const env = { COUNTERSIGN_URL: 'http://localhost:1', COUNTERSIGN_SESSION: 'session.json' }

const login = (world: CliWorld, answer = welcome) =>
  runIn({ env, replies: { '/api/v1/session': answer }, ...world }, [loginCommand()], ['login'])

test('login asks for e-mail, password and code, shows no password, and keeps the session', async () => {
  const done = await login({ typed: ['ada@soc.example', 'correct horse', ' 123456 '] })
  expect(done.code).toBe(0)
  expect(done.requests).toEqual([
    {
      path: '/api/v1/session',
      body: { email: 'ada@soc.example', password: 'correct horse', code: '123456' },
    },
  ])
  expect(done.err).toContain('Password: (hidden)')
  expect(JSON.parse(done.files.get('session.json') ?? '')).toEqual({
    origin: 'http://localhost:1',
    cookies: [['countersign_session', 'abc']],
  })
})

test('login takes the answers from the environment where there is no terminal', async () => {
  const given = { COUNTERSIGN_EMAIL: 'a@b.example', COUNTERSIGN_PASSWORD: 'p', COUNTERSIGN_CODE: '123456' }
  expect((await login({ env: { ...env, ...given } })).code).toBe(0)
  const refused = await login({ env: { ...env, COUNTERSIGN_EMAIL: 'a@b.example' } })
  expect([refused.code, refused.requests, refused.err]).toEqual([
    2,
    [],
    expect.stringContaining('COUNTERSIGN_PASSWORD'),
  ])
})

test('login keeps nothing when it is refused, and needs a place for the session', async () => {
  const document = problemOf({ code: 'UNAUTHENTICATED', detail: 'wrong', requestId: 'req_1', reasons: [] })
  const wrong = await login({ typed: ['a', 'b', '123456'] }, () => Response.json(document, { status: 401 }))
  expect([wrong.code, wrong.files.size]).toEqual([3, 0])
  expect((await login({ env: { COUNTERSIGN_URL: 'http://localhost:1' }, typed: [] })).code).toBe(2)
})
