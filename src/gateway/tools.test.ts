import { expect, test, vi } from 'vitest'
import type { Suspicion } from '../guard/advice.ts'
import { toolPolicyDigest, type ToolPolicyDocument } from '../guard/tools/document.ts'
import { pinOf } from '../guard/tools/pin.ts'
import type { Exposure } from '../guard/tools/taint.ts'
import { epochMs, idFrom, type Json } from '../kernel/index.ts'
import type { Caller } from './admit.ts'
import type { RecordTool, ToolData } from './ports.ts'
import { keptToolRules } from './tool-rules.ts'
import { createToolGates } from './tools.ts'

const definition: Json = { name: 'search', parameters: { type: 'object' } }
const pin = pinOf('mcp', definition)
const permit: Json = {
  effect: 'permit',
  principal: { op: 'All' },
  action: { op: '==', entity: { type: 'Action', id: 'callTool' } },
  resource: { op: 'All' },
  conditions: [],
  annotations: {},
}
const document = (version: number): ToolPolicyDocument => ({
  key: 'own',
  version,
  policies: { all: permit },
})
const offers = [{ name: 'search', isHosted: false, definition }]
const called = (args: object) => ({
  id: 'c',
  name: 'search',
  args: JSON.stringify(args),
  form: 'json' as const,
})

/** What decides for a grant of one tool, with these documents in shadow. */
function gateWith(shadows: ToolData['shadows']) {
  const data: ToolData = { policies: [document(1)], shadows, registrations: [] }
  const definitionSha256 = pin.ok ? pin.digest : expect.fail('no pin')
  const tools = [{ toolId: 'fn/search', definitionSha256, effect: 'write', autonomyMax: 'A4' }]
  const caller = {
    grant: {
      claims: { sub: idFrom('deployment', epochMs(0), new Uint8Array(10)), tier: 1 },
      scope: { tools, toolPolicy: toolPolicyDigest(document(1)), externalSend: false },
    },
    route: { environment: 'prod' },
    snapshot: { tools: keptToolRules()(data) },
  } as unknown as Caller // of a caller a gate reads this much
  const log = vi.fn()
  return createToolGates(new Map(), log, { see: () => undefined }).of(caller)
}

test('what arguments follow from is found out once, however many policies hear of it', () => {
  const gate = gateWith([document(2), document(3)])
  const linked: Suspicion = { band: 'high', trust: 'untrusted', evidence: 'copied' }
  const suspicions = vi.fn((args: Json) => (JSON.stringify(args).includes('evil') ? [linked] : []))
  const keep = vi.fn((_decided: RecordTool) => undefined)
  const exposure: Exposure = { taint: 'user', sources: [], untrusted: [], sensitive: [], complete: true }
  const calls = [called({ q: 'a host' }), called({ q: 'drop@evil.example' })]
  const decided = gate.decideCalls('mcp', offers, calls, { exposure, findings: [], suspicions, keep })
  expect(suspicions.mock.calls).toEqual([[{ q: 'a host' }], [{ q: 'drop@evil.example' }]])
  expect(decided).toEqual({ k: 'deny', code: 'tool_denied' })
  const told = keep.mock.calls.map(([{ outcome, shadows = [] }]) => [
    outcome,
    ...shadows.map((of) => of.outcome),
  ])
  expect(told).toEqual([
    ['allow', 'allow', 'allow'],
    ['deny', 'deny', 'deny'],
  ])
})
