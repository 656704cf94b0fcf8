import { describe, expect, test, vi } from 'vitest'
import { fakeApprovals } from '../../src/app/ports/approval.fake.ts'
import { newCanary } from '../../src/guard/canary/token.ts'
import { pinOf } from '../../src/guard/tools/pin.ts'
import { digestOf, epochMs, idFrom } from '../../src/kernel/index.ts'
import { answers, offers, type Api } from './answers.ts'
import { faultBench } from './bench.ts'
import { model, toolDefinition, ways, type WayName } from './ways.ts'

const canary = newCanary((bytes) => new Uint8Array(bytes).fill(17))
const held = {
  'personal data': ['ann.lee@mail.contoso.de', 'data_above_ceiling'],
  'a secret': [['ghp', 'Zx3Kq9Lm2Vb7Nc4Rt8Yw1Ps6Df5Gh0JkUiOa'].join('_'), 'data_above_ceiling'],
  'a canary': [canary, 'canary_out_of_place'],
} as const

const { upstream, gatewayFor } = await faultBench()

/** A gateway that watches for the canary of another deployment. */
async function begin(
  name: WayName,
  tool: { toolId: string; form: Api | 'mcp'; definition: object },
  tier: 1 | 3,
) {
  const pin = pinOf(tool.form, tool.definition as never)
  const people = fakeApprovals(() => epochMs(Date.now()))
  const gateway = await gatewayFor(ways[name], {
    approvals: people.port,
    limits: { holdMs: 30_000, holdPollMs: 5 },
    claims: { tier, exp: Math.floor(Date.now() / 1_000) + 100 },
    scope: {
      tools: [
        {
          toolId: tool.toolId,
          definitionSha256: pin.ok ? pin.digest : expect.fail('no pin'),
          effect: 'read',
          autonomyMax: 'A4',
        },
      ],
    },
    change: (data) => ({
      ...data,
      canaries: [
        {
          id: idFrom('canary', epochMs(0), new Uint8Array(10)),
          deployment: idFrom('deployment', epochMs(0), new Uint8Array(10)),
          place: 'deployment',
          digest: digestOf(canary),
        },
      ],
    }),
  })
  return { ...gateway, people }
}

/** Asks, and has people answer as soon as they are asked. */
async function answered(
  { ask, people }: Awaited<ReturnType<typeof begin>>,
  body: string,
  answer: 'approved' | 'denied',
) {
  const asking = ask({ body })
  let isDone = false
  void asking.finally(() => (isDone = true))
  await vi.waitFor(() => expect(people.told.asked > 0 || isDone).toBe(true), { timeout: 5_000, interval: 2 })
  people.settle(answer)
  return await asking
}

/** The arguments of the call that a request repeats. */
function argumentsIn(body = ''): string {
  const sent = /"arguments":("(?:[^"\\]|\\.)*")|"input":(\{[^}]*\})/.exec(body)
  return sent?.[2] ?? (JSON.parse(sent?.[1] ?? '""') as string)
}

const everywhere = (Object.keys(offers) as Api[]).flatMap((api) => [
  [api, 'whole', false] as const,
  [api, 'stream', true] as const,
])

describe.each(everywhere)('arguments of a call in an answer: %s, %s', (api, _how, isStream) => {
  const tool = { toolId: 'fn/f', form: api, definition: offers[api] }
  const name = isStream ? (`${api}, stream` as const) : api
  const rest = api === 'anthropic-messages' ? { max_tokens: 9 } : {}
  const body = JSON.stringify({
    model,
    ...rest,
    stream: isStream,
    tools: [offers[api]],
    [api === 'openai-responses' ? 'input' : 'messages']: [{ role: 'user', content: 'Go on.' }],
  })
  const says = (value: string) => {
    const args = JSON.stringify({ to: `to ${value}` })
    upstream.state.answer = {
      type: isStream ? 'text/event-stream' : 'application/json',
      pieces: [answers[api]({ args }, isStream)],
    }
  }
  /** What a caller can put together of what it was given. */
  const read = (text: string) =>
    [...text.matchAll(/"(?:arguments|partial_json|to)":"((?:[^"\\]|\\.)*)"/g)]
      .map(([, part]) => part)
      .join('')

  test.each(Object.entries(held))('%s leaves when a person agrees, as it is written', async (_what, of) => {
    const [value, reason] = of
    const opened = await begin(name, tool, 1)
    says(value)
    const given = await answered(opened, body, 'approved')
    expect(read(given.text)).toContain(value)
    const record = await opened.recordOf(given.record)
    expect(record.tools?.[0]).toMatchObject({ outcome: 'approve', reasons: [{ code: reason }] })
    expect(record.findings).toContainEqual(expect.objectContaining({ channel: 'tool_args', effect: 'none' }))
    expect(opened.people.records().map(({ question }) => question.reasons)).toEqual([[reason]])
  })

  test.each(Object.entries(held))('%s stays when a person does not agree', async (_what, [value]) => {
    const opened = await begin(name, tool, 1)
    says(value)
    const given = await answered(opened, body, 'denied')
    expect(read(given.text)).not.toContain(value.slice(0, 6))
    expect((await opened.recordOf(given.record)).codes).toEqual(['approval_denied'])
  })

  test('in tier 3 nobody is asked about secrets and canaries', async () => {
    const opened = await begin(name, tool, 3)
    for (const [value] of [held['a secret'], held['a canary']]) {
      says(value)
      const given = await opened.ask({ body })
      expect(read(given.text)).not.toContain(value.slice(0, 6))
      expect((await opened.recordOf(given.record)).codes).toEqual(['answer_withheld'])
    }
    expect(opened.people.told.asked).toBe(0)
  })

  /** A request that repeats a call with these arguments. */
  const repeating = (args: object) => {
    const past = {
      'openai-chat': {
        role: 'assistant',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: JSON.stringify(args) } }],
      },
      'openai-responses': { type: 'function_call', call_id: 'c', name: 'f', arguments: JSON.stringify(args) },
      'anthropic-messages': {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 't', name: 'f', input: args }],
      },
    }[api]
    return body.replace('{"role":"user","content":"Go on."}', (user) => `${user},${JSON.stringify(past)}`)
  }

  test.each(Object.entries(held))(
    '%s is taken out of a call that a request repeats',
    async (_what, [value]) => {
      const opened = await begin(name, tool, 1)
      says('the host')
      const given = await opened.ask({ body: repeating({ to: `to "${value}"`, n: 1 }) })
      expect(given.reason).toBeNull()
      const [asked] = upstream.calls
      expect(asked?.body).not.toContain(value)
      const args = argumentsIn(asked?.body)
      expect(JSON.parse(args)).toEqual({ to: expect.stringMatching(/^to "\[[A-Z_0-9]+\]"$/), n: 1 })
      expect(opened.people.told.asked).toBe(0)
    },
  )

  const fixed: readonly (readonly [string, object])[] = [
    ['a number', { to: 4_111_111_111_111_111 }],
    ...(api === 'anthropic-messages' ? [['a name', { [held['a secret'][0]]: 1 }] as const] : []),
  ]
  test.each(fixed)('%s cannot be taken out: then nothing is sent', async (_what, args) => {
    const opened = await begin(name, tool, 1)
    const given = await opened.ask({ body: repeating(args) })
    expect(given.reason).toBe('guard_blocked')
    expect(upstream.calls).toEqual([])
  })

  if (api === 'anthropic-messages') return // its arguments are no text, which could be written in another way

  test('what is written in escapes is taken out as well', async () => {
    const opened = await begin(name, tool, 1)
    const [value] = held['a secret']
    const escaped = Array.from(
      value,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ).join('')
    for (const beside of ['', ` and ${held['personal data'][0]}`]) {
      const args = `{"to":"see ${escaped}${beside}"}`
      await opened.ask({
        body: repeating({ to: 'x' }).replace(JSON.stringify('{"to":"x"}'), () => JSON.stringify(args)),
      })
      const { to } = JSON.parse(argumentsIn(upstream.calls.at(-1)?.body)) as { to: string }
      expect(to).toMatch(/^see \[[A-Z_0-9]+\]/)
      expect(to).not.toContain(held['personal data'][0])
    }
    expect(upstream.calls).toHaveLength(2)
  })

  test('a number that is written in another way is stopped', async () => {
    const opened = await begin(name, tool, 1)
    const args = '{"to":"ann.lee@mail.contoso.de","n":4111111111111.111e3}'
    const given = await opened.ask({
      body: repeating({ to: 'x' }).replace(JSON.stringify('{"to":"x"}'), () => JSON.stringify(args)),
    })
    expect(given.reason).toBe('guard_blocked')
    expect(upstream.calls).toEqual([])
  })
})

const proxies = ['mcp of today', 'mcp of today, stream', 'mcp of before', 'mcp of before, stream'] as const

describe.each(proxies)('arguments of a call at the proxy: %s', (name) => {
  const tool = { toolId: 'tickets/search', form: 'mcp' as const, definition: toolDefinition }
  const reached = () => upstream.calls.filter(({ body }) => body.includes('"tools/call"')).length

  test.each(Object.entries(held))('%s passes when a person agrees, as it is written', async (_what, of) => {
    const [value, reason] = of
    const opened = await begin(name, tool, 1)
    const given = await answered(opened, ways[name].ask(`to ${value}`), 'approved')
    expect(reached()).toBe(1)
    expect(upstream.calls.at(-1)?.body).toContain(value)
    const record = await opened.recordOf(given.record)
    expect(record.tools?.[0]).toMatchObject({ outcome: 'approve', reasons: [{ code: reason }] })
  })

  test.each(Object.entries(held))('%s stays when a person does not agree', async (_what, [value]) => {
    const opened = await begin(name, tool, 1)
    await answered(opened, ways[name].ask(`to ${value}`), 'denied')
    expect(reached()).toBe(0)
  })
})
