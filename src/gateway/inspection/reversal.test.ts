import * as fc from 'fast-check'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadGuardWithoutScorer } from '../../adapters/files/guard-catalogue.ts'
import { fakeConversationVault } from '../../app/ports/conversation-vault.fake.ts'
import type { ConversationVault } from '../../app/ports/conversation-vault.ts'
import { inspect } from '../../guard/inspect.ts'
import { placeholdersIn } from '../../guard/placeholders/placeholder.ts'
import type { DeploymentId, KeyId, Tier } from '../../kernel/index.ts'
import { anthropicMessages } from '../dialect/anthropic-messages/index.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { EventReader } from '../dialect/event-reader.ts'
import { openaiChat } from '../dialect/openai-chat/index.ts'
import { openaiResponses } from '../dialect/openai-responses/index.ts'
import type { SseEvent } from '../wire/sse.ts'
import { SseFramer, sseText } from '../wire/sse.ts'
import { replaceStrings } from '../wire/splice.ts'
import { Inspection } from './inspection.ts'
import { merged } from './mask.ts'
import { Reversal } from './reversal.ts'
import { StreamInspection } from './stream-inspection.ts'

const guard = loadGuardWithoutScorer(resolve(import.meta.dirname, '../../../catalogue'))
const name = { deployment: 'dep_1' as DeploymentId, key: 'key_1' as KeyId, marks: ['begins', 'hello'] }
const values = [
  'ann.lee@mail.contoso.de',
  'bo@contoso.de',
  '4111 1111 1111 1111',
  'DE89 3704 0044 0532 0130 00',
] as const
const secret = ['ghp', 'Zx3Kq9Lm2Vb7Nc4Rt8Yw1Ps6Df5Gh0JkUiOa'].join('_')

const inspectionAt = (tier: Tier = 1) =>
  new Inspection(guard, { ceiling: 'internal', treatment: guard.treatments[tier], isReversible: true })

/** A request of a dialect that says `text`, and answers that say one. */
type Form = {
  readonly dialect: Dialect
  readonly ask: (text: string) => object
  readonly answer: (text: string) => object
  readonly said: (answer: never) => string
  readonly events: (pieces: readonly string[]) => readonly SseEvent[]
  readonly heard: (events: readonly SseEvent[]) => string
}
const sse = (tree: { readonly type?: string }): SseEvent => ({
  name: tree.type ?? null,
  data: JSON.stringify(tree),
})
const joinedOf = (events: readonly SseEvent[], of: (tree: never) => unknown) =>
  events
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => of(JSON.parse(data) as never))
    .filter((text): text is string => typeof text === 'string')
    .join('')

const place = { item_id: 'i', output_index: 0, content_index: 0 }
const forms: readonly Form[] = [
  {
    dialect: openaiChat,
    ask: (content) => ({ model: 'm', messages: [{ role: 'user', content }] }),
    answer: (content) => ({
      id: 'c',
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content } }],
    }),
    said: ({ choices: [choice] }: { choices: [{ message: { content: string } }] }) => choice.message.content,
    events: (pieces) => [
      ...pieces.map((content) =>
        sse({ id: 'c', choices: [{ index: 0, delta: { content }, finish_reason: null }] } as object),
      ),
      sse({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] } as object),
      { name: null, data: '[DONE]' },
    ],
    heard: (events) =>
      joinedOf(events, ({ choices: [c] }: { choices: [{ delta: { content?: string } }] }) => c.delta.content),
  },
  {
    dialect: openaiResponses,
    ask: (input) => ({ model: 'm', input, store: false }),
    answer: (text) => ({
      id: 'r',
      object: 'response',
      output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
    }),
    said: ({ output: [item] }: { output: [{ content: [{ text: string }] }] }) => item.content[0].text,
    events: (pieces) =>
      [
        { type: 'response.created', response: { id: 'r', object: 'response', output: [] } },
        ...pieces.map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
        { type: 'response.output_text.done', ...place, text: pieces.join('') },
        {
          type: 'response.completed',
          response: {
            id: 'r',
            object: 'response',
            output: [
              {
                type: 'message',
                role: 'assistant',
                content: [{ type: 'output_text', text: pieces.join('') }],
              },
            ],
          },
        },
      ].map(sse),
    heard: (events) => {
      const deltas = joinedOf(events, ({ delta }: { delta?: string }) => delta)
      // What repeats the text says the same.
      expect(joinedOf(events, ({ text }: { text?: string }) => text)).toBe(deltas)
      return deltas
    },
  },
  {
    dialect: anthropicMessages,
    ask: (content) => ({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content }] }),
    answer: (text) => ({
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text }],
    }),
    said: ({ content: [block] }: { content: [{ text: string }] }) => block.text,
    events: (pieces) =>
      [
        {
          type: 'message_start',
          message: { id: 'm', type: 'message', role: 'assistant', content: [], model: 'm' },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        ...pieces.map((text) => ({
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'text_delta', text },
        })),
        { type: 'content_block_stop', index: 0 },
        {
          type: 'message_delta',
          delta: { stop_reason: 'end_turn', stop_sequence: null },
          usage: { output_tokens: 1 },
        },
        { type: 'message_stop' },
      ].map(sse),
    heard: (events) => joinedOf(events, ({ delta }: { delta?: { text?: string } }) => delta?.text),
  },
]

/** Sends a request; what reached the provider, and what turns its answers back. Null when it was stopped. */
async function sent(
  dialect: Dialect,
  body: object,
  vault: ConversationVault = fakeConversationVault(),
  tier: Tier = 1,
) {
  const ask = dialect.readRequest(body)
  if ('refused' in ask) throw new Error(ask.refused)
  const inspection = inspectionAt(tier)
  const reversal = new Reversal(vault, { name, isWhole: ask.thread === null })
  const judged = await reversal.judge(inspection, ask.reading.segments)
  if (judged === null || judged.isBlocked) return null
  return { upstream: replaceStrings(JSON.stringify(body), judged.edits), reversal, inspection }
}
type Sent = NonNullable<Awaited<ReturnType<typeof sent>>>

function answered({ reversal, inspection }: Sent, dialect: Dialect, body: object): string {
  const segments = dialect.readAnswer(body)?.reading.segments ?? []
  const { edits, isBlocked } = inspection.judge('output', segments)
  expect(isBlocked).toBe(false)
  return replaceStrings(JSON.stringify(body), reversal.restore(segments, edits))
}

function streamed(
  { reversal, inspection }: Sent,
  dialect: Dialect,
  events: readonly SseEvent[],
  isHeld = false,
) {
  const reader = dialect.stream?.()
  if (reader === undefined) throw new Error('no stream')
  const stream = new StreamInspection(inspection, reader, {
    decideCalls: () => ({ k: 'allow' }),
    mode: isHeld ? 'hold' : 'observe',
    reversal,
  })
  const [eventReader, out] = [new EventReader(reader), [] as SseEvent[]]
  for (const event of events) {
    const read = eventReader.read(event)
    if (read === null) throw new Error(`not read: ${event.data}`)
    expect(stream.take(event, read.tree, read.step)).toBe('goes_on')
    out.push(...stream.release())
  }
  expect(stream.isWaiting).toBe(false)
  return out
}

const textIn = ({ upstream }: Sent, form: Form): string => {
  const ask = form.dialect.readRequest(JSON.parse(upstream))
  return 'refused' in ask ? '' : (ask.reading.segments.find(({ channel }) => channel === 'user')?.text ?? '')
}
const word = fc.oneof(
  fc.constantFrom(...values),
  fc.constantFrom(
    '[EMAIL_7K2FQ]',
    '[CARD_AAAAA]',
    '[EMAIL]',
    '[',
    ']',
    '[[',
    'mail',
    '\n',
    'é',
    '👩🏽‍🚀',
    '"',
    '\\',
    '.',
  ),
  fc.string({ maxLength: 5 }),
)
const saying = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' '))
const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 9 }))

/** Pieces as a provider sends them: half a character is no JSON. */
function cut(text: string, sizes: Iterator<number>): string[] {
  const [characters, pieces] = [Array.from(text), [] as string[]]
  while (characters.length > 0) pieces.push(characters.splice(0, sizes.next().value ?? 1).join(''))
  return pieces
}

describe.each(forms.map((form) => [form.dialect.name, form] as const))('%s', (_name, form) => {
  test('law: the caller is given back what it has sent, whole and in any pieces; the provider sees none of it', async () => {
    let [replaced, lookAlikes] = [0, 0]
    const law = fc.asyncProperty(saying, cuts, fc.boolean(), async (text, sizes, isHeld) => {
      const call = await sent(form.dialect, form.ask(text))
      if (call === null) return
      const seen = textIn(call, form)
      for (const value of values) {
        expect(call.upstream).not.toContain(value)
        if (text.includes(value)) replaced += 1
      }
      if (text.includes('[EMAIL_7K2FQ]')) lookAlikes += 1
      // A scan of what was sent finds nothing that was to be replaced.
      const left = inspect(guard, { channel: 'user', text: seen }).filter(
        ({ kind, sureness }) => kind === 'pii' && sureness !== 'possible',
      )
      expect(left).toEqual([])
      const whole = JSON.parse(answered(call, form.dialect, form.answer(`You said: ${seen}`)))
      expect(form.said(whole as never)).toBe(`You said: ${text}`)
      const events = streamed(call, form.dialect, form.events(cut(seen, sizes)), isHeld)
      expect(form.heard(events)).toBe(text)
      for (const { path } of call.inspection.findings.told) expect(path).not.toContain('@')
    })
    await fc.assert(law, { numRuns: 250 })
    expect(replaced).toBeGreaterThan(50)
    expect(lookAlikes).toBeGreaterThan(5)
  })

  test('a stream that comes byte by byte is given back as the whole one is', async () => {
    const call = await sent(form.dialect, form.ask(`Write to ${values[0]}, é.`))
    if (call === null) throw new Error('stopped')
    const bytes = Buffer.from(
      form
        .events(
          cut(
            textIn(call, form),
            [1].values().map(() => 1),
          ),
        )
        .map(sseText)
        .join(''),
    )
    const [framer, events] = [new SseFramer(), [] as SseEvent[]]
    for (let at = 0; at < bytes.length; at += 1)
      for (const frame of framer.push(bytes.subarray(at, at + 1)))
        if (frame.k === 'event') events.push(frame.event)
    expect(form.heard(streamed(call, form.dialect, events))).toBe(`Write to ${values[0]}, é.`)
  })

  test('law: a placeholder that this conversation has not issued is never turned back', async () => {
    const vault = fakeConversationVault()
    const other = await sent(form.dialect, form.ask(`Mail ${values[1]}`), vault)
    if (other === null) throw new Error('stopped')
    const foreign = textIn(other, form)
    const call = await sent(form.dialect, form.ask(`Mail ${values[0]}`), vault)
    if (call === null) throw new Error('stopped')
    for (const made of [foreign, '[EMAIL_AAAAA]', '[CARD_7K2FQ]', '[TEXT_22222]']) {
      const whole = JSON.parse(answered(call, form.dialect, form.answer(made)))
      expect(form.said(whole as never)).toBe(made)
      expect(
        form.heard(
          streamed(
            call,
            form.dialect,
            form.events(
              cut(
                made,
                [2].values().map(() => 2),
              ),
            ),
          ),
        ),
      ).toBe(made)
    }
  })

  test('a secret is masked for good, also where it touches what could be given back', async () => {
    const call = await sent(form.dialect, form.ask(`Use ${secret}, or password=${values[0]}`))
    expect(call?.upstream).not.toContain(secret)
    expect(call?.upstream ?? '').toContain('[SECRET]')
    const seen = call === null ? '' : textIn(call, form)
    if (call !== null) {
      const whole = JSON.parse(answered(call, form.dialect, form.answer(seen)))
      expect(form.said(whole as never)).not.toContain(secret)
    }
  })
})

const chat = forms[0] as Form

test('the same value has the same placeholder in each turn, so that the provider reads what it has read before', async () => {
  const vault = fakeConversationVault()
  const turns = [
    { role: 'user', content: `Who is ${values[0]}?` },
    { role: 'assistant', content: `${values[0]} is Ann.` },
    { role: 'user', content: `And ${values[1]}, or ann.lee@MAIL.CONTOSO.DE?` },
  ]
  const before: string[] = []
  for (const count of [1, 2, 3]) {
    const call = await sent(openaiChat, { model: 'm', messages: turns.slice(0, count) }, vault)
    const messages = JSON.stringify((JSON.parse(call?.upstream ?? '{}') as { messages: unknown[] }).messages)
    expect(messages.startsWith((before.at(-1) ?? '[').slice(0, -1))).toBe(true)
    before.push(messages)
  }
  expect(vault.generation).toBe(1)
  const seen = before[2] ?? ''
  expect(new Set(placeholdersIn(seen).map(({ start, end }) => seen.slice(start, end))).size).toBe(2)
})

test('placeholders stay in the arguments of tools and in what nobody knows, and JSON in an answer stays JSON', async () => {
  const call = await sent(openaiChat, chat.ask(`Mail ${values[0]} about ${values[2]}`))
  if (call === null) throw new Error('stopped')
  const [mail = '', card = ''] = placeholdersIn(textIn(call, chat)).map(({ start, end }) =>
    textIn(call, chat).slice(start, end),
  )
  const args = JSON.stringify({ to: mail })
  const told = JSON.parse(
    answered(call, openaiChat, {
      id: 'c',
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: JSON.stringify({ to: mail, card }),
            novel: { to: mail },
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'send', arguments: args } }],
          },
        },
      ],
    }),
  ) as {
    choices: [
      { message: { content: string; novel: object; tool_calls: [{ function: { arguments: string } }] } },
    ]
  }
  const { message } = told.choices[0]
  expect(JSON.parse(message.content)).toEqual({ to: values[0], card: values[2] })
  expect(message.novel).toEqual({ to: mail })
  expect(message.tool_calls[0].function.arguments).toBe(args)
})

test('a placeholder of this very conversation that somebody has written into a text comes back as it was written', async () => {
  const vault = fakeConversationVault()
  const first = await sent(openaiChat, chat.ask(values[0]), vault)
  const known = first === null ? '' : textIn(first, chat)
  const text = `${values[0]} is not ${known}`
  const call = await sent(openaiChat, chat.ask(text), vault)
  if (call === null) throw new Error('stopped')
  const seen = textIn(call, chat)
  expect(seen.split(known)).toHaveLength(2) // it stands for the value alone
  expect(chat.said(JSON.parse(answered(call, openaiChat, chat.answer(seen))) as never)).toBe(text)
})

test('an address that was encoded comes back as it was encoded', async () => {
  const encode = (text: string) => Buffer.from(text).toString('base64')
  const text = `${encode(`mail ${values[0]} now`)} and ${encode(`mail ${values[1]} now`)}`
  const call = await sent(openaiChat, chat.ask(text))
  if (call === null) throw new Error('stopped')
  const seen = textIn(call, chat)
  const placeholders = placeholdersIn(seen).map(({ start, end }) => seen.slice(start, end))
  // Letters of the code are no letters of an address: what is the same and what is not, they do not say.
  expect(placeholders).toEqual([expect.stringMatching(/^\[TEXT_/), expect.stringMatching(/^\[TEXT_/)])
  for (const value of values) expect(Buffer.from(seen, 'base64').toString()).not.toContain(value)
  expect(chat.said(JSON.parse(answered(call, openaiChat, chat.answer(seen))) as never)).toBe(text)
})

test.each([
  ['a secret', { rule: 'secret.password', isKept: false }, 5, { isKept: false }],
  ['a number within it', { rule: 'card', isKept: true }, 9, { isKept: true, rule: 'email', end: 10 }],
  ['a number that goes on', { rule: 'card', isKept: true }, 12, { isKept: true, rule: 'text', end: 12 }],
])('an address that overlaps with %s', (_what, other, end, left) => {
  const gaps = [
    { rule: 'email', mask: '[EMAIL]', start: 0, end: 10, isKept: true },
    { mask: '[X]', start: 4, end, ...other },
  ]
  expect(merged(gaps)).toEqual([expect.objectContaining({ start: 0, ...left })])
})

test('a vault that cannot be reached stops what it would have to keep, and nothing else', async () => {
  const vault = fakeConversationVault()
  vault.break()
  expect(await sent(openaiChat, chat.ask(`Mail ${values[0]}`), vault)).toBeNull()
  expect((await sent(openaiChat, chat.ask('Nothing here'), vault))?.upstream).toContain('Nothing here')
  const slow = fakeConversationVault()
  const breaksWhenKept: ConversationVault = {
    open: async (of) => {
      const opened = await slow.open(of)
      slow.break()
      return opened
    },
  }
  expect(await sent(openaiChat, chat.ask(`Mail ${values[0]}`), breaksWhenKept)).toBeNull()
})

test('tier 3 masks for good', async () => {
  const vault = fakeConversationVault()
  const call = await sent(openaiChat, chat.ask(`Mail ${values[0]}`), vault, 3)
  expect(call?.upstream).toContain('[EMAIL]')
  expect(vault.opened).toBe(0)
})

test('two values whose codes are the same have two placeholders', async () => {
  const taken = new Map<string, string>()
  const narrow: ConversationVault = {
    open: async () => ({
      // One code for every first attempt.
      code: (text) => (text.includes('\n0\n') ? Uint8Array.of(0, 0, 0, 0) : Buffer.from(text).subarray(-4)),
      keep: async (wanted) => {
        for (const [placeholder, value] of wanted) if (!taken.has(placeholder)) taken.set(placeholder, value)
        return new Map([...wanted.keys()].map((of) => [of, taken.get(of) ?? '']))
      },
      all: async () => taken,
    }),
  }
  const call = await sent(openaiChat, chat.ask(`${values[0]} and ${values[1]}`), narrow)
  if (call === null) throw new Error('stopped')
  const seen = textIn(call, chat)
  expect(new Set(placeholdersIn(seen).map(({ start, end }) => seen.slice(start, end))).size).toBe(2)
  expect(chat.said(JSON.parse(answered(call, openaiChat, chat.answer(seen))) as never)).toBe(
    `${values[0]} and ${values[1]}`,
  )
  // Another request of the conversation meets a code that stands for somebody else.
  const later = await sent(openaiChat, chat.ask(`only ${values[1]}`), narrow)
  if (later === null) throw new Error('stopped')
  expect(chat.said(JSON.parse(answered(later, openaiChat, chat.answer(textIn(later, chat)))) as never)).toBe(
    `only ${values[1]}`,
  )
})

test('where the provider keeps the conversation, what was replaced before is turned back too', async () => {
  const vault = fakeConversationVault()
  const form = forms[1] as Form
  const first = await sent(
    openaiResponses,
    { model: 'm', input: `Mail ${values[0]}`, conversation: 'conv_1' },
    vault,
  )
  if (first === null) throw new Error('stopped')
  const placeholder = textIn(first, form)
  const next = await sent(openaiResponses, { model: 'm', input: 'Whom?', conversation: 'conv_1' }, vault)
  if (next === null) throw new Error('stopped')
  expect(form.said(JSON.parse(answered(next, openaiResponses, form.answer(placeholder))) as never)).toBe(
    `Mail ${values[0]}`,
  )
  vault.forget() // with its key goes what stood behind placeholders
  const late = await sent(openaiResponses, { model: 'm', input: 'Whom?', conversation: 'conv_1' }, vault)
  if (late === null) throw new Error('stopped')
  expect(form.said(JSON.parse(answered(late, openaiResponses, form.answer(placeholder))) as never)).toBe(
    placeholder,
  )
})

test('a value that is split over parts is given back as it was written', async () => {
  for (const value of values)
    for (let cut = 1; cut < value.length; cut += 2) {
      const texts = [`to ${value.slice(0, cut)}`, `${value.slice(cut)}, please`]
      const content = texts.map((text) => ({ type: 'text', text }))
      const read = openaiChat.readRequest({ model: 'm', messages: [{ role: 'user', content }] })
      if ('refused' in read) throw new Error('not read')
      const reversal = new Reversal(fakeConversationVault(), { name, isWhole: true })
      const judged = await reversal.judge(inspectionAt(), read.reading.segments)
      const sent = read.reading.segments.map(({ path, text }) => judged?.edits.get(path) ?? text).join('')
      expect(sent).not.toContain(value)
      expect(sent).toContain('please')
      const path = '/choices/0/message/content'
      const answer = [{ path, channel: 'model', text: sent, splice: 'text' } as const]
      expect(reversal.restore(answer, new Map()).get(path)).toBe(texts.join(''))
    }
})
