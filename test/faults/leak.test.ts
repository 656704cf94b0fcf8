import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { faultBench } from './bench.ts'
import type { Misdeed } from './faulty-upstream.ts'
import type { FaultGateway, Given } from './gateway.ts'
import { ways, type WayName } from './ways.ts'

const secret = ['ghp', 'Zx3Kq9Lm2Vb7Nc4Rt8Yw1Ps6Df5Gh0JkUiOa'].join('_')
/** Letters that nothing else in an answer has. */
const act = 'ЖЩЭЮЖЩЭЮ'

const { upstream, gatewayFor } = await faultBench()

/** How an API writes what comes in deltas; each delta is the inside of a JSON string. */
type Wire = {
  readonly text: (deltas: readonly string[]) => string
  readonly thought: (deltas: readonly string[]) => string
  readonly call: (deltas: readonly string[]) => string
}
const named = (data: string) => `event: ${/"type":"([^"]+)"/.exec(data)?.[1] ?? ''}\ndata: ${data}\n\n`
const chunk = (delta: string, finish = 'null') =>
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{${delta}},"finish_reason":${finish}}]}\n\n`
const response = (output: string) =>
  `"response":{"id":"r","object":"response","created_at":1,"model":"m","output":[${output}]}`
const started = `{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}`
const stopped = (why: string) => [
  '{"type":"content_block_stop","index":0}',
  `{"type":"message_delta","delta":{"stop_reason":"${why}","stop_sequence":null},"usage":{"output_tokens":1}}`,
  '{"type":"message_stop"}',
]
const at = '"item_id":"i","output_index":0,"content_index":0'
const item = (args: string) =>
  `{"type":"function_call","id":"i","call_id":"c","name":"f","arguments":"${args}"}`

const wires: Readonly<Partial<Record<WayName, Wire>>> = {
  'openai-chat, stream': {
    text: (deltas) =>
      [...deltas.map((delta) => chunk(`"content":"${delta}"`)), chunk('', '"stop"'), 'data: [DONE]\n\n'].join(
        '',
      ),
    thought: (deltas) =>
      [
        ...deltas.map((delta) => chunk(`"reasoning_content":"${delta}"`)),
        chunk('', '"stop"'),
        'data: [DONE]\n\n',
      ].join(''),
    call: (deltas) =>
      [
        chunk('"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]'),
        ...deltas.map((delta) => chunk(`"tool_calls":[{"index":0,"function":{"arguments":"${delta}"}}]`)),
        chunk('', '"tool_calls"'),
        'data: [DONE]\n\n',
      ].join(''),
  },
  'openai-responses, stream': {
    text: (deltas) =>
      [
        `{"type":"response.created",${response('')}}`,
        ...deltas.map((delta) => `{"type":"response.output_text.delta",${at},"delta":"${delta}"}`),
        `{"type":"response.output_text.done",${at},"text":"${deltas.join('')}"}`,
        `{"type":"response.completed",${response(`{"type":"message","id":"i","role":"assistant","content":[{"type":"output_text","text":"${deltas.join('')}","annotations":[]}]}`)}}`,
      ]
        .map(named)
        .join(''),
    thought: (deltas) =>
      [
        `{"type":"response.created",${response('')}}`,
        ...deltas.map((delta) => `{"type":"response.reasoning_summary_text.delta",${at},"delta":"${delta}"}`),
        `{"type":"response.reasoning_summary_text.done",${at},"text":"${deltas.join('')}"}`,
        `{"type":"response.completed",${response(`{"type":"reasoning","id":"i","summary":[{"type":"summary_text","text":"${deltas.join('')}"}]}`)}}`,
      ]
        .map(named)
        .join(''),
    call: (deltas) =>
      [
        `{"type":"response.created",${response('')}}`,
        `{"type":"response.output_item.added","output_index":0,"item":${item('')}}`,
        ...deltas.map(
          (delta) => `{"type":"response.function_call_arguments.delta",${at},"delta":"${delta}"}`,
        ),
        `{"type":"response.function_call_arguments.done",${at},"arguments":"${deltas.join('')}"}`,
        `{"type":"response.output_item.done","output_index":0,"item":${item(deltas.join(''))}}`,
        `{"type":"response.completed",${response(item(deltas.join('')))}}`,
      ]
        .map(named)
        .join(''),
  },
  'anthropic-messages, stream': {
    text: (deltas) =>
      [
        started,
        '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
        ...deltas.map(
          (delta) =>
            `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${delta}"}}`,
        ),
        ...stopped('end_turn'),
      ]
        .map(named)
        .join(''),
    thought: (deltas) =>
      [
        started,
        '{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}',
        ...deltas.map(
          (delta) =>
            `{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"${delta}"}}`,
        ),
        '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2lnbmVk"}}',
        ...stopped('end_turn'),
      ]
        .map(named)
        .join(''),
    call: (deltas) =>
      [
        started,
        '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}',
        ...deltas.map(
          (delta) =>
            `{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"${delta}"}}`,
        ),
        ...stopped('tool_use'),
      ]
        .map(named)
        .join(''),
  },
}

const escaped = (text: string) =>
  Array.from(
    { length: text.length },
    (_, n) => `\\u${text.charCodeAt(n).toString(16).padStart(4, '0')}`,
  ).join('')
const written = { plainly: (text: string) => JSON.stringify(text).slice(1, -1), 'in escapes': escaped }

/** Writes the answer in pieces of so many bytes. */
const inPieces =
  (body: string, size: (n: number) => number): Misdeed =>
  async (to, { type }) => {
    const bytes = Buffer.from(body)
    to.writeHead(200, { 'content-type': type })
    for (let n = 0, from = 0; from < bytes.length && !to.destroyed; n += 1) {
      const end = from + size(n)
      to.write(bytes.subarray(from, end))
      from = end
      if (n % 8 === 0) await turn()
    }
    to.end()
  }
const whole = () => 1_000_000
/** 1 to 40, always the same. */
const uneven = (n: number) => 1 + (((n * 2_654_435_761) % 4_294_967_296) % 40)

/** Everything that a caller can read out of a stream: its strings as they are meant, and its bytes. */
function readable({ text }: Given): string {
  const told: string[] = []
  const collect = (value: unknown): void => {
    if (typeof value === 'string') told.push(value)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect)
  }
  for (const [, data = ''] of text.matchAll(/^data: (\{.*\})$/gm)) collect(JSON.parse(data))
  return `${told.join('')}\n${text}`
}

/** Whether any four units of the secret that follow each other are in it. */
const hasPart = (text: string) =>
  Array.from({ length: secret.length - 3 }, (_, n) => secret.slice(n, n + 4)).some((part) =>
    text.includes(part),
  )

describe.each(Object.entries(wires))('%s', (name, { text, thought, call }) => {
  const way = ways[name as WayName] // of the keys of the wires
  const asked = ({ ask }: FaultGateway, body: string, size: (n: number) => number): Promise<Given> => {
    upstream.state.misdeed = inPieces(body, size)
    return ask()
  }
  const everyCut = Array.from(
    { length: secret.length + 1 },
    (_, n) => [secret.slice(0, n), secret.slice(n)] as const,
  )

  test.each(Object.entries(written))(
    'PD-23: a secret written %s and cut anywhere, also between two events, is masked',
    async (_how, write) => {
      const gateway = await gatewayFor(way)
      for (const [head, tail] of everyCut) {
        const given = await asked(gateway, text([write(`see ${head}`), write(`${tail} now`)]), whole)
        expect(way.isWhole(given.text)).toBe(true)
        expect(readable(given)).toMatch(/see .*\[SECRET\].* now/s)
        expect(hasPart(readable(given)), given.text).toBe(false)
      }
    },
  )

  test.each(Object.entries(written))(
    'a secret written %s unit by unit, in bytes of any cut, is masked',
    async (_how, write) => {
      const gateway = await gatewayFor(way)
      const units = Array.from(`see 😀${secret} now`, (unit) => write(unit))
      for (const size of [() => 1, () => 7, uneven, whole]) {
        const given = await asked(gateway, text(units), size)
        expect(way.isWhole(given.text)).toBe(true)
        expect(hasPart(readable(given)), given.text).toBe(false)
      }
    },
  )

  test.each(Object.entries(written))(
    'in tier 3 nothing leaves of an answer with a secret written %s',
    async (_how, write) => {
      const gateway = await gatewayFor(way, {
        claims: { tier: 3, exp: Math.floor(Date.now() / 1_000) + 100 },
      })
      for (const [head, tail] of everyCut.filter((_, n) => n % 4 === 0)) {
        const given = await asked(gateway, text([write('Likely '), write(head), write(tail)]), uneven)
        expect(hasPart(readable(given))).toBe(false)
        expect(readable(given)).not.toContain('Likely')
      }
    },
  )

  test.each(Object.entries(written))(
    'nothing leaves of a secret in thoughts, written %s and cut anywhere',
    async (_how, write) => {
      const gateway = await gatewayFor(way)
      for (const [n, [head, tail]] of everyCut.entries()) {
        const given = await asked(
          gateway,
          thought([write(`see ${head}`), write(`${tail} now`)]),
          n % 2 ? whole : uneven,
        )
        expect(hasPart(readable(given)), given.text).toBe(false)
        // Thoughts that are signed are given as they are or not at all.
        if (name !== 'anthropic-messages, stream') expect(readable(given)).toMatch(/see .*\[SECRET\].* now/s)
      }
    },
  )

  test('a character cut in half between two deltas is no way around', async () => {
    const gateway = await gatewayFor(way)
    const given = await asked(gateway, text(['see \\ud83d', `\\ude00${secret} now`]), whole)
    expect(hasPart(readable(given))).toBe(false)
  })

  test.each(Object.entries(written))(
    'PD-24: of the arguments of a denied call, written %s, not one letter leaves',
    async (_how, write) => {
      const gateway = await gatewayFor(way) // it offers no tool, so none may be called
      const args = JSON.stringify({ to: act })
      for (let n = 0; n <= args.length; n += 1) {
        const given = await asked(
          gateway,
          call([write(args.slice(0, n)), write(args.slice(n))]),
          n % 2 === 0 ? whole : uneven,
        )
        expect(readable(given)).not.toMatch(new RegExp(`[${act}]`))
        expect(given.text).not.toContain('input_json_delta')
        const record = await gateway.recordOf(given.record)
        expect(record.codes).toEqual(['tool_denied'])
      }
    },
  )
})
