import { gzipSync } from 'node:zlib'
import { byStream, everywhere, failing, none, refused, served, type Cell, type Fault } from './fault.ts'
import type { Misdeed } from './faulty-upstream.ts'
import { spoken, ways } from './ways.ts'

const broken = failing('upstream_unavailable', 502)
const cutLate: Cell = { k: 'cut_late', code: 'upstream_unavailable' }
/** The result of a call ends its stream: what its server says behind it is nobody's. */
const lateEnds = {
  'openai-responses, stream': cutLate,
  'anthropic-messages, stream': cutLate,
  'mcp of today, stream': served,
  'mcp of before, stream': served,
} as const
const unusable = everywhere(refused(502, 'upstream_unavailable'))
const late = failing('upstream_timeout', 504)
const row =
  'an upstream that refuses, is late or breaks off, before something was released and within a stream'
const shape = 'an answer that cannot be read in exactly one way, is too long, or comes in another coding'
const fails = (what: string, misdeed: Misdeed, rest: Partial<Fault> = {}): Fault => ({
  row,
  what,
  reaches: true,
  misdeed,
  cells: broken,
  ...rest,
})
const withHead =
  (head: object, change: (body: string) => string | Uint8Array = (body) => body): Misdeed =>
  (to, { type, pieces }) =>
    void to.writeHead(200, { 'content-type': type, ...head }).end(change(pieces.join('')))
const changed = (change: (body: string) => string | Uint8Array) => withHead({}, change)
/** Writes a head and a body as they are, and closes. */
const written =
  (head: readonly string[], bodyOf: (body: string) => string): Misdeed =>
  (to, { type, pieces }) =>
    void to.socket.end(
      ['HTTP/1.1 200 OK', `content-type: ${type}`, ...head, '', bodyOf(pieces.join(''))].join('\r\n'),
    )
/** Leaves when what it has written so far has arrived. */
const resetAfter =
  (pick: (pieces: readonly string[]) => string): Misdeed =>
  (to, { type, pieces }) => {
    to.writeHead(200, { 'content-type': type })
    to.write(pick(pieces), () => setTimeout(() => to.socket.resetAndDestroy(), 15))
  }
const stuckAfter =
  (pick: (pieces: readonly string[]) => string): Misdeed =>
  (to, { type, pieces }) => {
    to.writeHead(200, { 'content-type': type })
    to.write(pick(pieces))
  }
const firstOf = (pieces: readonly string[]) =>
  pieces.length === 1 ? (pieces[0] ?? '').slice(0, 20) : (pieces[0] ?? '')
const mostEvents = Math.max(...Object.values(ways).map(({ pieces }) => pieces.length))
const short = () => ({ limits: { upstreamHeadersMs: 80 } })
const padded = (body: string) =>
  body.startsWith('{') ? ` ${' '.repeat(3_000)}${body}` : `: ${'x'.repeat(3_000)}\n\n${body}`
const streamsOnly = none('an answer that comes whole has no events')
const status =
  (code: number): Misdeed =>
  (to) =>
    void to
      .writeHead(code, { 'content-type': 'application/json', location: 'http://127.0.0.1:1/' })
      .end('{"error":{"message":"no"}}')

/** Faults of providers and of tool servers. What they say wrong is never handed on as an answer. */
export const faultsOfUpstreams: readonly Fault[] = [
  fails('breaks off before its head', (to) => void to.socket.resetAndDestroy(), { cells: unusable }),
  fails('closes before its head', (to) => void to.socket.end(), { cells: unusable }),
  fails('never answers', () => undefined, {
    setup: short,
    cells: everywhere(refused(504, 'upstream_timeout')),
  }),
  fails('stops speaking', stuckAfter(firstOf), { setup: () => ({ limits: { idleMs: 80 } }), cells: late }),
  ...Array.from({ length: mostEvents }, (_, n): Fault => {
    const of = fails(
      `breaks off after ${n} events`,
      resetAfter((pieces) => pieces.slice(0, n).join('')),
    )
    return n === 0 ? of : { ...of, cells: withoutEvents(of.cells, n) }
  }),
  ...Array.from({ length: mostEvents }, (_, n): Fault => {
    const of = fails(
      `breaks off within event ${n + 1}`,
      resetAfter((pieces) =>
        pieces
          .slice(0, n + 1)
          .join('')
          .slice(0, -9),
      ),
    )
    return n === 0 ? of : { ...of, cells: withoutEvents(of.cells, n) }
  }),
  fails(
    'ends within its last event',
    changed((body) => body.slice(0, -9)),
  ),
  fails(
    'announces more than it sends',
    written(['content-length: 100000', 'connection: close'], (body) => body),
    { cells: { ...broken, ...lateEnds } },
  ),
  fails(
    'announces less than it sends',
    written(['content-length: 20', 'connection: close'], (body) => body),
  ),
  fails(
    'announces two lengths',
    written(['content-length: 20', 'content-length: 21'], (body) => body),
    { cells: unusable },
  ),
  fails(
    'sends a length and chunks',
    written(
      ['content-length: 5', 'transfer-encoding: chunked'],
      (body) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ),
    { cells: unusable },
  ),
  fails(
    'sends chunks of no size',
    written(['transfer-encoding: chunked'], (body) => `xyz\r\n${body}\r\n0\r\n\r\n`),
  ),
  fails(
    'sends a flood of headers',
    written([`x-flood: ${'a'.repeat(100_000)}`], (body) => body),
    { cells: unusable },
  ),
  fails('sends no HTTP', (to) => void to.socket.end('SSH-2.0-OpenSSH_9.9\r\n'), { cells: unusable }),
  ...[500, 502, 503, 529, 302, 304, 204, 201].map((code) =>
    fails(`answers ${code}`, status(code), { cells: unusable }),
  ),
  ...[401, 403, 407].map((code) =>
    fails(`refuses our credential with ${code}`, status(code), {
      cells: everywhere(refused(502, 'upstream_auth')),
    }),
  ),
  fails('sends another type', withHead({ 'content-type': 'text/html' }), { row: shape, cells: unusable }),
  fails('sends no type', withHead({ 'content-type': '' }), { row: shape, cells: unusable }),
  fails(
    'sends gzip, which nobody has asked for',
    withHead({ 'content-encoding': 'gzip' }, (body) => gzipSync(body)),
    { row: shape, cells: unusable },
  ),
  fails(
    'sends a bomb in gzip',
    withHead({ 'content-encoding': 'gzip' }, () => gzipSync(Buffer.alloc(32 * 1_048_576))),
    { row: shape, cells: unusable },
  ),
  fails(
    'sends two members of one name',
    changed((body) => body.replace('{', '{"x":1,"x":2,')),
    { row: shape },
  ),
  fails(
    'sends half a surrogate',
    changed((body) => body.replace(spoken, `${spoken}\\ud800`)),
    { row: shape },
  ),
  fails(
    'sends what is not UTF-8',
    changed((body) => Buffer.from(body.replace(spoken, `${spoken}\xff`), 'latin1')),
    { row: shape },
  ),
  fails('sends more than the cap', changed(padded), {
    row: shape,
    setup: () => ({ limits: { responseBytes: 2_000, streamBytes: 2_000 } }),
  }),
  fails(
    'says what its API does not have',
    changed((body) => `event: novel\ndata: {"type":"novel"}\n\n${body}`),
    {
      row: 'an unknown event of a stream, or one behind the end',
      cells: byStream(
        streamsOnly,
        { k: 'cut', status: 502, code: 'upstream_unavailable' },
        {
          'openai-chat, stream': none('its events have no names'),
        },
      ),
    },
  ),
  fails(
    'says more behind the end',
    changed((body) => `${body}data: {"id":"c","choices":[]}\n\n`),
    {
      row: 'an unknown event of a stream, or one behind the end',
      cells: { ...byStream(streamsOnly, cutLate), 'openai-chat, stream': cutLate, ...lateEnds },
    },
  ),
  {
    row: 'a detector that throws, in what is answered',
    what: 'the guard throws',
    reaches: true,
    arrange: ({ failing: now, onCall }) => onCall(() => void (now.guard = true)),
    cells: everywhere(refused(503, 'check_fault')),
  },
]

/** Cells of a fault behind event `n`: where an answer has no such event there is none. */
function withoutEvents(cells: Fault['cells'], n: number): Fault['cells'] {
  const entries = Object.entries(cells).map(([name, cell]) => {
    const { pieces } = ways[name as keyof typeof ways] // the names of cells are ways
    return [name, pieces.length > n ? cell : none('the answer is shorter')]
  })
  return Object.fromEntries(entries) as Fault['cells']
}
