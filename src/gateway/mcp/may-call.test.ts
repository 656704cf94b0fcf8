import { expect, test } from 'vitest'
import { digestOf, epochMs, idFrom, type Json } from '../../kernel/index.ts'
import { pinOf } from '../../guard/tools/pin.ts'
import type { VerifiedGrant } from '../snapshot.ts'
import { ListedTool } from './listed-tool.ts'
import { isServerGranted, mayAsk, mayCall } from './may-call.ts'

const definition = {
  name: 'search',
  description: 'Finds tickets.',
  inputSchema: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
}
const listed = (change: object = {}) => {
  const tree = { ...definition, ...change }
  return new ListedTool('search', JSON.stringify(tree), tree, [])
}
const pin = pinOf('mcp', definition)
const tool = {
  toolId: 'tickets/search',
  definitionSha256: pin.ok ? pin.digest : digestOf('none'),
  effect: 'read' as const,
  autonomyMax: 'A0' as const,
}
type Tool = Omit<VerifiedGrant['scope']['tools'][number], 'definitionSha256'>
function grant(change: Partial<Tool> = {}, mode: 'enforce' | 'observe' = 'enforce'): VerifiedGrant {
  const scope = {
    models: [],
    tools: [{ ...tool, ...change }],
    capabilities: ['mcp_resources:docs'],
    regions: [],
    externalSend: false,
    dataClassMax: 'internal' as const,
    guardPolicy: digestOf('g'),
    toolPolicy: digestOf('t'),
    volumePerDay: 1,
  }
  const id = <K extends Parameters<typeof idFrom>[0]>(kind: K) => idFrom(kind, epochMs(1), new Uint8Array(10))
  const claims = {
    v: 1,
    iss: 'urn:test',
    aud: ['gateway'],
    jti: id('grant'),
    sub: id('deployment'),
    uc: id('useCase'),
    sys: id('system'),
    env: 'prod',
    rte: [id('route')],
    rel: digestOf('r'),
    ucr: digestOf('u'),
    bas: { k: 'decision', id: id('decision'), seq: 1 },
    tier: 1,
    mode,
    dcm: 1,
    scp: digestOf(scope),
    htl: digestOf('h'),
    epo: 1,
    iat: 1,
    nbf: 1,
    exp: 2,
  } as const
  return { token: '', kid: '', claims: { ...claims, aud: ['gateway'], rte: [...claims.rte] }, scope }
}
const good: Json = { word: 'printer' }

test.each<[string, VerifiedGrant, ListedTool | null, Json, string | null]>([
  ['a pinned tool that reads', grant(), listed(), good, null],
  ['one that only drafts', grant({ effect: 'draft' }), listed(), good, null],
  ['one of another server', grant({ toolId: 'mail/search' }), listed(), good, 'tool_not_granted'],
  [
    'a server whose name only begins alike',
    grant({ toolId: 'ticket/search' }),
    listed(),
    good,
    'tool_not_granted',
  ],
  ['under a grant that only observes', grant({}, 'observe'), listed(), good, 'tool_not_granted'],
  ['one that its server no longer has', grant(), null, good, 'tool_unknown'],
  [
    'another description',
    grant(),
    listed({ description: 'Mails tickets.' }),
    good,
    'tool_definition_changed',
  ],
  ['another title', grant(), listed({ title: 'Search' }), good, 'tool_definition_changed'],
  ['another schema', grant(), listed({ inputSchema: { type: 'object' } }), good, 'tool_definition_changed'],
  ['one that writes by itself', grant({ effect: 'write', autonomyMax: 'A4' }), listed(), good, null],
  ['arguments that are none of it', grant(), listed(), { word: 7 }, 'arguments_refused'],
  ['arguments that are missing', grant(), listed(), {}, 'arguments_refused'],
])('calling %s', (_what, granted, tool_, args, expected) => {
  expect(mayCall({ grant: granted, server: 'tickets', name: 'search', listed: tool_, args })).toBe(expected)
})

test.each([
  ['tickets', true],
  ['docs', true],
  ['ticket', false],
  ['doc', false],
])('server %s is granted: %s', (server, expected) => {
  expect(isServerGranted(grant(), server)).toBe(expected)
})

test.each([
  ['docs', 'resources/read', {}, true],
  ['tickets', 'resources/read', {}, false],
  ['docs', 'prompts/list', {}, false],
  ['docs', 'completion/complete', { ref: { type: 'ref/resource' } }, true],
  ['docs', 'completion/complete', { ref: { type: 'ref/prompt' } }, false],
  ['docs', 'logging/setLevel', {}, true],
  ['mail', 'logging/setLevel', {}, false],
  ['docs', 'sampling/createMessage', {}, false],
  ['docs', 'tasks/list', {}, false],
])('%s: %s %j', (server, method, params, expected) => {
  expect(mayAsk(grant(), server, { method, params })).toBe(expected)
})
