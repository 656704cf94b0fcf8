import { gzipSync } from 'node:zlib'
import { everywhere, refused, type Fault } from './fault.ts'

const row = 'a request that cannot be read in exactly one way, is too long, or comes in another coding'
const malformed = everywhere(refused(400, 'malformed'))
const inFront = (members: string) => (body: string) => body.replace('{', `{${members},`)
const spoiled = (what: string, spoil: (body: string) => string | Uint8Array<ArrayBuffer>): Fault => ({
  row,
  what,
  reaches: false,
  change: (way) => ({ body: spoil(way.ask('Is it real?')) }),
  cells: malformed,
})
const latin1 = (text: string) => Uint8Array.from(text, (unit) => unit.charCodeAt(0))
const deep = (levels: number) => `"x":${'['.repeat(levels)}${']'.repeat(levels)}`
const nobody = 'a credential or an authorization that is not in force'

/** Faults of what callers send. Nothing of such a request reaches an upstream. */
export const faultsOfRequests: readonly Fault[] = [
  spoiled('is no JSON', (body) => body.slice(0, -1)),
  spoiled('has two members of one name', inFront('"x":1,"x":2')),
  spoiled('has two members of one name, one of them in escapes', inFront('"x":1,"\\u0078":2')),
  spoiled('has two members of one name deep within', inFront('"x":{"y":[{"z":1,"z":1}]}')),
  spoiled('holds half a surrogate', inFront('"x":"\\ud800"')),
  spoiled('is too deep', inFront(deep(70))),
  spoiled('is not UTF-8', (body) => latin1(inFront('"x":"\xff"')(body))),
  spoiled('begins with a byte order mark', (body) => `\ufeff${body}`),
  spoiled('has something behind its end', (body) => `${body}{}`),
  spoiled('holds a null byte', (body) => `${body.slice(0, -1)}\0}`),
  spoiled('is empty', () => ''),
  {
    row,
    what: 'is of another type',
    reaches: false,
    change: () => ({ headers: { 'content-type': 'text/plain' } }),
    cells: everywhere(refused(415, 'unsupported_encoding')),
  },
  {
    row,
    what: 'is a bomb in gzip',
    reaches: false,
    change: () => ({
      headers: { 'content-encoding': 'gzip' },
      body: new Uint8Array(gzipSync(Buffer.alloc(32 * 1_048_576))),
    }),
    cells: everywhere(refused(415, 'unsupported_encoding')),
  },
  {
    row,
    what: 'is longer than the cap',
    reaches: false,
    setup: () => ({ limits: { requestBytes: 2_000 } }),
    change: (way) => ({ body: way.ask('x'.repeat(3_000)) }),
    cells: everywhere(refused(413, 'too_large')),
  },
  {
    row: nobody,
    what: 'no key',
    reaches: false,
    change: () => ({ headers: { authorization: '' } }),
    cells: everywhere(refused(401, 'key_missing')),
  },
  {
    row: nobody,
    what: 'the key of somebody else',
    reaches: false,
    change: () => ({ headers: { authorization: 'Bearer sk-of-the-provider' } }),
    cells: everywhere(refused(401, 'key_invalid')),
  },
  {
    row: nobody,
    what: 'two keys that differ',
    reaches: false,
    change: () => ({ headers: { 'x-api-key': 'csk_other' } }),
    cells: everywhere(refused(400, 'header_conflict')),
  },
]
