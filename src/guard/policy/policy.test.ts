import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayMs, digestOf, epochMs, type DeploymentId, type Digest } from '../../kernel/index.ts'
import type { Finding, FindingKind } from '../finding.ts'
import { applyGuardPolicy, boundPolicy, type PolicyContext } from './apply.ts'
import {
  guardPolicyDigest,
  guardPolicyDocument,
  inOrder,
  shippedPolicy,
  type GuardPolicy,
} from './document.ts'
import { mayBeAllowed, policyFaults, type PolicyGround } from './faults.ts'
import { policyChanges } from './changes.ts'
import { lossesOf, measurePolicy, type CorpusReading } from './regression.ts'
import { compareStrictness } from './strictness.ts'
import { windowDigest, windowText } from './window.ts'

const deployment = (n: number) => `dep_${'0'.repeat(25)}${n}` as DeploymentId
const [here, there] = [deployment(1), deployment(2)]
const now = epochMs(1_000 * dayMs)
const base = shippedPolicy({ model: digestOf('weights'), rules: digestOf('rules'), languages: ['en'] })
const thresholds = { user: { tFlag: 1, tHigh: 2 }, untrusted: { tFlag: 3, tHigh: 4 } }
const scorer = { digest: digestOf('weights'), thresholds, languages: ['en'] }
const entry = {
  deployment: here,
  channel: 'document' as const,
  rule: 'markdown.image-link',
  window: digestOf('window'),
  until: epochMs(now + 30 * dayMs),
}
const source = (tool: string | null = null) => ({ deployment: here, server: 'tickets', tool })
const rules = new Map<string, FindingKind>([
  ['markdown.image-link', 'exfiltration'],
  ['role.chat-markup', 'structure'],
  ['command.send-to', 'structure'],
  ['tool.secrecy', 'tool_poisoning'],
  ['secret.aws', 'secret'],
  ['canary.token', 'canary'],
])
const ground: PolicyGround = {
  now,
  rules,
  digests: base,
  languages: ['en'],
  offsets: base.offsets,
  deployments: new Set([here]),
}
const finding = (rule: string, kind = rules.get(rule) ?? 'structure'): Finding => ({
  rule,
  kind,
  severity: 'medium',
  sureness: 'likely',
  start: 0,
  end: 4,
})
const context: PolicyContext = { deployment: here, channel: 'document', now, windowOf: () => entry.window }
const left = (policy: GuardPolicy, findings: readonly Finding[], change: Partial<PolicyContext> = {}) => {
  const place = { ...context, ...change }
  const bound = boundPolicy(policy, {
    digest: guardPolicyDigest(policy),
    deployment: place.deployment,
    scorer,
  })
  return applyGuardPolicy(findings, bound, place).map(({ rule }) => rule)
}

test('a policy has a form, and its digest does not depend on the order of its entries', () => {
  expect(guardPolicyDocument.safeParse(base).success).toBe(true)
  expect(guardPolicyDocument.safeParse({ ...base, more: 1 }).success).toBe(false)
  expect(guardPolicyDocument.safeParse({ ...base, allow: [{ ...entry, channel: 'model' }] }).success).toBe(
    false,
  )
  const other = { ...entry, rule: 'command.send-to' }
  const [one, two] = [
    { ...base, allow: [entry, other] },
    { ...base, allow: [other, entry, entry] },
  ]
  expect(guardPolicyDigest(one)).toBe(guardPolicyDigest(two))
  expect(inOrder(two).allow).toHaveLength(2)
})

test.each<[string, Partial<GuardPolicy>, readonly string[]]>([
  ['nothing', {}, []],
  ['an entry', { allow: [entry] }, []],
  ['other weights', { model: null }, ['/model']],
  ['other detectors', { rules: digestOf('older') }, ['/rules']],
  ['a language without training', { languages: ['en', 'de'] }, ['/languages/1']],
  ['a rule that nobody knows', { off: [{ deployment: here, rule: 'x' }] }, ['/off/0']],
  ['a deployment that nobody knows', { off: [{ deployment: there, rule: 'command.send-to' }] }, ['/off/0']],
  ['forged roles', { off: [{ deployment: here, rule: 'role.chat-markup' }] }, ['/off/0']],
  ['poisoned tools', { off: [{ deployment: here, rule: 'tool.secrecy' }] }, ['/off/0']],
  ['secrets', { allow: [{ ...entry, rule: 'secret.aws' }] }, ['/allow/0']],
  ['canaries', { allow: [{ ...entry, rule: 'canary.token' }] }, ['/allow/0']],
  ['a source', { sources: [source()] }, []],
  ['a source nowhere', { sources: [{ ...source(), deployment: there }] }, ['/sources/0']],
  ['canaries, only told', { redaction: { canary: 'flag' } }, ['/redaction/canary']],
  ['secrets, only told', { redaction: { secret: 'flag' } }, ['/redaction/secret']],
  ['forged roles, only told', { redaction: { structure: 'flag' } }, ['/redaction/structure']],
  ['forged roles, blocked', { redaction: { structure: 'block' } }, []],
  ['secrets, blocked', { redaction: { secret: 'block' } }, []],
  ['an order, given back', { redaction: { injection: 'token' } }, ['/redaction/injection']],
  ['an end that is over', { allow: [{ ...entry, until: now }] }, ['/allow/0/until']],
  ['ninety days', { allow: [{ ...entry, until: epochMs(now + 90 * dayMs) }] }, []],
  [
    'more than ninety days',
    { allow: [{ ...entry, until: epochMs(now + 90 * dayMs + 1) }] },
    ['/allow/0/until'],
  ],
])('checked: %s', (_what, change, paths) => {
  expect(policyFaults({ ...base, ...change }, ground).map(({ path }) => path)).toEqual(paths)
})

test('one version moves a threshold by at most one', () => {
  const moved = (flagCenti: number) => ({ ...base.offsets, user: { flagCenti, highCenti: 0 } })
  const from = { ...ground, offsets: moved(-50) }
  expect(policyFaults({ ...base, offsets: moved(50) }, from)).toEqual([])
  expect(policyFaults({ ...base, offsets: moved(51) }, from).map(({ path }) => path)).toEqual([
    '/offsets/user/flagCenti',
  ])
})

test('an entry lets through this text, by this rule, in this channel of this deployment, until its end', () => {
  const policy = { ...base, allow: [entry] }
  const found = [finding('markdown.image-link'), finding('command.send-to')]
  expect(left(policy, found)).toEqual(['command.send-to'])
  expect(left(policy, found, { deployment: there })).toHaveLength(2)
  expect(left(policy, found, { channel: 'tool_result' })).toHaveLength(2)
  expect(left(policy, found, { windowOf: () => digestOf('another') })).toHaveLength(2)
  expect(left(policy, found, { now: entry.until })).toHaveLength(2)
})

test('a rule that is off finds nothing where it is off', () => {
  const policy = { ...base, off: [{ deployment: here, rule: 'command.send-to' }] }
  expect(left(policy, [finding('command.send-to')])).toEqual([])
  expect(left(policy, [finding('command.send-to')], { channel: 'model' })).toEqual([])
  expect(left(policy, [finding('command.send-to')], { deployment: there })).toEqual(['command.send-to'])
})

test('law: no policy, however it came to be, lets through what is never harmless', () => {
  const anyRule = fc.constantFrom(...rules.keys())
  let dropped = 0
  const law = fc.property(fc.array(anyRule), fc.array(anyRule), fc.array(anyRule), (off, allowed, found) => {
    const policy = {
      ...base,
      off: off.map((rule) => ({ deployment: here, rule })),
      allow: allowed.map((rule) => ({ ...entry, rule })),
    }
    const kept = left(
      policy,
      found.map((rule) => finding(rule)),
    )
    const never = found.filter((rule) => !mayBeAllowed(rule, rules.get(rule) ?? 'canary'))
    expect(kept.filter((rule) => never.includes(rule))).toEqual(never)
    dropped += found.length - kept.length
  })
  fc.assert(law, { numRuns: 500 })
  expect(dropped).toBeGreaterThan(20)
})

const centi = fc.constantFrom(-100, 0, 100)
const side = fc.record({ flagCenti: centi, highCenti: centi })
const anyEntry = fc.record({
  rule: fc.constantFrom('markdown.image-link', 'command.send-to'),
  until: fc.constantFrom(entry.until, epochMs(entry.until + 1)),
})
const anyPolicy: fc.Arbitrary<GuardPolicy> = fc
  .record({
    offsets: fc.record({ user: side, untrusted: side }),
    off: fc.array(fc.constantFrom('markdown.image-link', 'command.send-to'), { maxLength: 2 }),
    allow: fc.array(anyEntry, { maxLength: 2 }),
    more: fc.constantFrom<Partial<GuardPolicy>>(
      {},
      {},
      { sources: [source()] },
      { sources: [source('search')] },
      { redaction: { pii: 'flag' } },
      { redaction: { pii: 'block' } },
      { budgets: { blobs: 128, work: 64 } },
    ),
  })
  .map(({ offsets, off, allow, more }) => ({
    ...base,
    ...more,
    offsets,
    off: off.map((rule) => ({ deployment: here, rule })),
    allow: allow.map((some) => ({ ...entry, ...some })),
  }))

test.each<[string, Partial<GuardPolicy>, string]>([
  ['the same', {}, 'not_weaker'],
  [
    'a lower threshold',
    { offsets: { ...base.offsets, user: { flagCenti: -10, highCenti: 0 } } },
    'not_weaker',
  ],
  ['a higher threshold', { offsets: { ...base.offsets, user: { flagCenti: 10, highCenti: 0 } } }, 'weaker'],
  [
    'one up, one down',
    { offsets: { ...base.offsets, user: { flagCenti: 10, highCenti: -10 } } },
    'incomparable',
  ],
  ['another entry', { allow: [entry] }, 'weaker'],
  ['a rule off', { off: [{ deployment: here, rule: 'command.send-to' }] }, 'weaker'],
  ['one language fewer', { languages: [] }, 'weaker'],
  ['other weights', { model: digestOf('newer') }, 'incomparable'],
  ['a source', { sources: [source()] }, 'weaker'],
  ['a tool as a source', { sources: [source('search')] }, 'weaker'],
  ['only told', { redaction: { exfiltration: 'flag' } }, 'weaker'],
  ['blocked', { redaction: { exfiltration: 'block' } }, 'not_weaker'],
  ['taken out, which ships in some tiers', { redaction: { exfiltration: 'redact' } }, 'incomparable'],
  ['blocked here, told there', { redaction: { exfiltration: 'block', hidden: 'flag' } }, 'incomparable'],
  ['larger budgets', { budgets: { blobs: 128, work: 64 } }, 'not_weaker'],
  ['a smaller budget', { budgets: { blobs: 32, work: 64 } }, 'weaker'],
  ['one budget larger, one smaller', { budgets: { blobs: 128, work: 32 } }, 'incomparable'],
  ['the budgets that ship', { budgets: { blobs: 64, work: 64 } }, 'not_weaker'],
])('compared with what ships: %s', (_what, change, strictness) => {
  expect(compareStrictness(base, { ...base, ...change })).toBe(strictness)
})

test.each<[string, Partial<GuardPolicy>, Partial<GuardPolicy>, string]>([
  [
    'a tool of a server that is believed',
    { sources: [source()] },
    { sources: [source('search')] },
    'not_weaker',
  ],
  ['a server of which one tool was', { sources: [source('search')] }, { sources: [source()] }, 'weaker'],
  ['a source fewer', { sources: [source()] }, {}, 'not_weaker'],
  [
    'given back instead of taken out',
    { redaction: { pii: 'redact' } },
    { redaction: { pii: 'token' } },
    'weaker',
  ],
  ['blocked instead of told', { redaction: { pii: 'flag' } }, { redaction: { pii: 'block' } }, 'not_weaker'],
  ['what ships instead of told', { redaction: { pii: 'flag' } }, {}, 'not_weaker'],
  ['what ships instead of blocked', { redaction: { pii: 'block' } }, {}, 'weaker'],
  ['the budget that ships instead of a larger', { budgets: { blobs: 128, work: 128 } }, {}, 'weaker'],
])('compared with one another: %s', (_what, before, after, strictness) => {
  expect(compareStrictness({ ...base, ...before }, { ...base, ...after })).toBe(strictness)
})

test('what says no more than what ships has the digest of what ships', () => {
  const same = { ...base, sources: [], redaction: {}, budgets: { blobs: 64, work: 64 } }
  expect(guardPolicyDigest(same)).toBe(guardPolicyDigest(base))
  expect(guardPolicyDigest({ ...base, sources: [source()] })).not.toBe(guardPolicyDigest(base))
  expect(policyChanges(base, same)).toEqual([])
})

test('every change of what a policy says is told', () => {
  const after: GuardPolicy = {
    ...base,
    sources: [source('search')],
    redaction: { exfiltration: 'block' },
    budgets: { blobs: 64, work: 128 },
  }
  expect(policyChanges(base, after)).toEqual([
    { k: 'source', entry: source('search'), isAdded: true },
    { k: 'redaction', kind: 'exfiltration', from: null, to: 'block' },
    { k: 'budget', budget: 'work', from: 64, to: 128 },
  ])
})

test('an entry that ends earlier, or for a rule that was off anyway, is not weaker', () => {
  const sooner = { ...entry, until: epochMs(entry.until - 1) }
  expect(compareStrictness({ ...base, allow: [entry] }, { ...base, allow: [sooner] })).toBe('not_weaker')
  expect(compareStrictness({ ...base, allow: [sooner] }, { ...base, allow: [entry] })).toBe('weaker')
  const off = [{ deployment: here, rule: entry.rule }]
  expect(compareStrictness({ ...base, off }, { ...base, allow: [entry] })).toBe('not_weaker')
})

test('law: whatever is not weaker lets nothing through that was stopped before, and strictness is an order', () => {
  const found = ['markdown.image-link', 'command.send-to'].map((rule) => finding(rule))
  let seen = 0
  const law = fc.property(anyPolicy, anyPolicy, anyPolicy, (a, b, c) => {
    expect(compareStrictness(a, a)).toBe('not_weaker')
    if (compareStrictness(a, b) !== 'not_weaker') return
    seen += 1
    for (const at of [now, entry.until]) {
      const [before, after] = [left(a, found, { now: epochMs(at) }), left(b, found, { now: epochMs(at) })]
      expect(before.every((rule) => after.includes(rule))).toBe(true)
    }
    if (compareStrictness(b, c) === 'not_weaker') expect(compareStrictness(a, c)).toBe('not_weaker')
  })
  fc.assert(law, { numRuns: 2_000 })
  expect(seen).toBeGreaterThan(50)
})

test('thresholds that were loosened for other weights are not, those that were tightened stay', () => {
  const offsets = { user: { flagCenti: 50, highCenti: -50 }, untrusted: { flagCenti: 0, highCenti: 20 } }
  const of = (model: Digest | null) =>
    boundPolicy(
      { ...base, offsets },
      {
        digest: digestOf('p'),
        deployment: here,
        scorer: model === null ? null : { ...scorer, digest: model },
      },
    ).offsets
  expect(of(base.model)).toEqual(offsets)
  expect(of(digestOf('newer'))).toEqual({
    user: { flagCenti: 0, highCenti: -50 },
    untrusted: { flagCenti: 0, highCenti: 0 },
  })
})

test('a window is known again whatever its case, spaces and invisible characters, and in no other text', () => {
  const text = 'The alert says: ![x](https://a.example/?q=1) and was closed.'
  const at = { start: text.indexOf('!['), end: text.indexOf(') and') + 1 }
  const spaced = text.replace('alert says', 'ALERT\u200b   says')
  const shift = spaced.length - text.length
  expect(windowText(spaced, { start: at.start + shift, end: at.end + shift })).toBe(windowText(text, at))
  const other = text.replace('closed', 'opened')
  expect(windowText(other, at)).not.toBe(windowText(text, at))
  const long = 'a'.repeat(20_000)
  expect(windowText(long, { start: 0, end: 20_000 }).length).toBeLessThan(5_000)
  expect(windowText(long, { start: 0, end: 19_000 })).not.toBe(windowText(long, { start: 0, end: 20_000 }))
})

test('its digest is bound to a key, a deployment, a channel and a rule', () => {
  const key = Buffer.alloc(32, 1)
  const place = { deployment: here, channel: 'document', rule: 'command.send-to' } as const
  const digests = [
    windowDigest(key, place, 'a'),
    windowDigest(key, place, 'b'),
    windowDigest(Buffer.alloc(32, 2), place, 'a'),
    windowDigest(key, { ...place, deployment: there }, 'a'),
    windowDigest(key, { ...place, channel: 'user' }, 'a'),
    windowDigest(key, { ...place, rule: 'command' }, 'a'),
  ]
  expect(new Set(digests).size).toBe(digests.length)
})

const scored = (z: number, band: 'flag' | 'high'): Finding => ({
  ...finding('injection.found', 'injection'),
  rule: band === 'high' ? 'injection.found' : 'injection.suspected',
  z,
  score: 0.5,
  band,
})
const moved = (flagCenti: number, highCenti: number): GuardPolicy => ({
  ...base,
  offsets: { ...base.offsets, untrusted: { flagCenti, highCenti } },
})

test.each<[string, GuardPolicy, Finding, readonly string[]]>([
  ['at the threshold of old', base, scored(4, 'high'), ['injection.found']],
  ['below a looser one', moved(0, 50), scored(4.4, 'high'), ['injection.suspected']],
  ['at a looser one', moved(0, 50), scored(4.5, 'high'), ['injection.found']],
  ['below a looser one of telling', moved(50, 0), scored(3.4, 'flag'), []],
  ['what a language has made milder stays so', moved(-100, -100), scored(9, 'flag'), ['injection.suspected']],
  ['in no language', { ...base, languages: [] }, scored(9, 'high'), ['injection.suspected']],
  [
    'in no language, and put off',
    { ...base, languages: [], off: [{ deployment: here, rule: 'injection.suspected' }] },
    scored(9, 'high'),
    [],
  ],
])('a scored finding: %s', (_what, policy, found, rulesLeft) => {
  expect(left(policy, [found])).toEqual(rulesLeft)
})

test('a threshold of one kind of text is none of another', () => {
  const found = scored(4.4, 'high')
  expect(left(moved(0, 50), [found], { channel: 'user' })).toEqual(['injection.found'])
  // Thoughts are judged by what their conversation has read; nobody says so here, or that it was the user alone.
  expect(left(moved(0, 50), [found], { channel: 'reasoning' })).toEqual(['injection.suspected'])
  expect(left(moved(0, 50), [found], { channel: 'reasoning', channelClass: 'user' })).toEqual([
    'injection.found',
  ])
})

test('the corpus tells how many texts are flagged before and after, and which limit that breaks', () => {
  const text = (family: string, label: 'attack' | 'benign', z: number): CorpusReading => ({
    family,
    label,
    channel: 'document',
    findings: z === 0 ? [] : [scored(z, z >= 3 ? 'high' : 'flag')],
  })
  const corpus = [
    ...Array.from({ length: 90 }, () => text('override', 'attack', 5)),
    ...Array.from({ length: 10 }, () => text('terse', 'attack', 3.2)),
    ...Array.from({ length: 98 }, () => text('mail', 'benign', 0)),
    ...Array.from({ length: 2 }, () => text('quote', 'benign', 2.9)),
  ]
  const measure = (after: GuardPolicy) =>
    measurePolicy(corpus, { before: base, after }, { deployment: null, scorer })
  expect(lossesOf(measure(base))).toEqual([])
  const looser = measure(moved(50, 0))
  expect(looser).toMatchObject({
    attack: { texts: 100, before: 100, after: 90 },
    benign: { texts: 100, before: 0, after: 0 },
    families: [{ family: 'terse', before: 10, after: 0 }],
  })
  expect(lossesOf(looser)).toEqual([{ measure: 'attacks_found', isBp: 9_000, limitBp: 9_500 }])
  const stricter = measure(moved(-50, 0))
  expect(stricter.benign).toEqual({ texts: 100, before: 0, after: 2 })
  expect(lossesOf(stricter)).toEqual([])
  const off = measurePolicy(
    corpus,
    { before: base, after: { ...base, off: [{ deployment: here, rule: 'injection.found' }] } },
    { deployment: here, scorer },
  )
  expect(off.attack.after).toBe(10) // they are found by another rule
})
