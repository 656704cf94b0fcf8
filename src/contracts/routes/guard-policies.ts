import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { findingKinds } from './gateway.ts'
import { digest, empty, idOf, instant, revision } from '../schemas.ts'

const tag = 'guard'
export const guardStages = ['draft', 'shadow', 'active', 'retired'] as const
/** Channels that come with a request: texts of others are never let pass because they passed before. */
export const allowableChannels = ['user', 'document', 'tool_result', 'tool_def', 'unknown'] as const
export const strictnesses = ['not_weaker', 'weaker', 'incomparable'] as const

const count = z.int().min(0)
const version = z.int().min(1).max(2_147_483_647)
const versionIn = z.coerce.number().int().min(1).max(2_147_483_647)
const rule = z.string().min(1).max(80)
const strictness = z.enum(strictnesses)

/** Furthest that a threshold is moved, in hundredths of the score z. */
export const mostOffsetCenti = 100
/** Longest time for which a text passes, in days. */
export const mostAllowedDays = 90

/** A threshold is moved by this, in hundredths of the score z; above zero is looser. */
const offset = z.int().min(-mostOffsetCenti).max(mostOffsetCenti)
const offsets = z.strictObject({ flagCenti: offset, highCenti: offset })
const ruleOff = z.strictObject({ deployment: idOf('deployment'), rule })
const allowed = z.strictObject({
  deployment: idOf('deployment'),
  channel: z.enum(allowableChannels),
  rule,
  /** Of the text round a finding, as a record tells it. */
  window: digest,
})
const allowEntry = z.strictObject({ ...allowed.shape, until: instant })
const namedSource = z.strictObject({
  deployment: idOf('deployment'),
  server: z.string().min(1).max(64),
  /** Null: all that comes from the server. */
  tool: z.string().min(1).max(128).nullable(),
})
/** What may be done where something is found, the mildest first. */
export const redactionModes = ['flag', 'token', 'redact', 'block'] as const
const redactionMode = z.enum(redactionModes)
const neverOnlyTold: ReadonlySet<string> = new Set(['canary', 'secret', 'tool_poisoning', 'structure'])

/** What a policy may say about a kind of finding: only personal data is given back, and some kinds are never only told. */
export function redactionModesOf(
  kind: (typeof findingKinds)[number],
): readonly (typeof redactionModes)[number][] {
  return redactionModes.filter((mode) => {
    if (mode === 'token') return kind === 'pii'
    return mode !== 'flag' || !neverOnlyTold.has(kind)
  })
}

/** What ships, where a policy says nothing. */
export const shippedBudgets = { blobs: 64, work: 64 } as const
/** The least and the most that a policy may say. */
export const budgetBounds = { blobs: [8, 256], work: [16, 256] } as const
const budget = ([least, most]: readonly [number, number]) => z.int().min(least).max(most)
const terms = z.strictObject({
  languages: z.array(z.string().regex(/^[a-z]{2}$/, 'a language such as `en`')).max(32),
  offsets: z.strictObject({ user: offsets, untrusted: offsets }),
  /** Rules that find nothing at a deployment. */
  off: z.array(ruleOff).max(200),
  /** Texts that pass. */
  allow: z.array(allowEntry).max(200),
  /** Servers that the gateway reaches, or single tools of them, whose results are believed like words of a user. */
  sources: z.array(namedSource).max(50).default([]),
  /** What is done about a kind of finding in the place of what ships; never milder in tier 3. */
  redaction: z.partialRecord(z.enum(findingKinds), redactionMode).default({}),
  /** How much is decoded of a text before it counts as unread: parts of it, and characters read for each of its own. */
  budgets: z
    .strictObject({ blobs: budget(budgetBounds.blobs), work: budget(budgetBounds.work) })
    .default(shippedBudgets),
})

const versionView = z.strictObject({
  version,
  stage: z.enum(guardStages),
  digest: digest.nullable(),
  draftedBy: z.string(),
  draftedAt: instant,
  shadowedBy: z.string().nullable(),
  shadowedAt: instant.nullable(),
  activatedBy: z.string().nullable(),
  activatedAt: instant.nullable(),
  strictness: strictness.nullable(),
  retiredAt: instant.nullable(),
  replacedBy: version.nullable(),
  /** Deployments whose release names it, and which therefore keep it. */
  deployments: count,
  rulesOff: count,
  allowed: count,
  shadowCalls: count,
  differences: count,
})

export const listGuardPolicies = route({
  id: 'guardPolicies.list',
  method: 'GET',
  path: '/api/v1/guard/policies',
  tag,
  summary: 'Versions of the guard policy, the newest first; where none is active, what ships is in force',
  access: { permission: 'useCase.read' },
  query: pageQuery(['-version']),
  reply: pageOf(versionView).extend({ revision }),
})

export const readGuardPolicy = route({
  id: 'guardPolicies.read',
  method: 'GET',
  path: '/api/v1/guard/policies/:version',
  tag,
  summary: 'A version of the guard policy: what it says, and what it would have changed beside live calls',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ version: versionIn }),
  reply: z.strictObject({
    ...versionView.shape,
    revision,
    terms,
    /** Whether it was written for other detectors than are in place. */
    isForOthers: z.boolean(),
    differing: z.array(
      z.strictObject({
        deploymentId: idOf('deployment'),
        title: z.string(),
        rule: z.string(),
        channel: z.string(),
        outcome: z.string(),
        shadowOutcome: z.string(),
        calls: count,
        lastAt: instant,
        lastRecord: idOf('record'),
      }),
    ),
  }),
})

const change = z.discriminatedUnion('k', [
  z.strictObject({
    k: z.literal('offset'),
    side: z.enum(['user', 'untrusted']),
    band: z.enum(['flagCenti', 'highCenti']),
    from: z.int(),
    to: z.int(),
  }),
  z.strictObject({ k: z.literal('language'), language: z.string(), isAdded: z.boolean() }),
  z.strictObject({ k: z.literal('off'), entry: ruleOff, isAdded: z.boolean() }),
  z.strictObject({ k: z.literal('allow'), entry: allowEntry, isAdded: z.boolean() }),
  z.strictObject({ k: z.literal('until'), entry: allowEntry, from: instant }),
  z.strictObject({ k: z.literal('source'), entry: namedSource, isAdded: z.boolean() }),
  /** Null: what ships. */
  z.strictObject({
    k: z.literal('redaction'),
    kind: z.enum(findingKinds),
    from: redactionMode.nullable(),
    to: redactionMode.nullable(),
  }),
  z.strictObject({ k: z.literal('budget'), budget: z.enum(['blobs', 'work']), from: count, to: count }),
  z.strictObject({ k: z.literal('detectors') }),
])

export const diffGuardPolicy = route({
  id: 'guardPolicies.diff',
  method: 'GET',
  path: '/api/v1/guard/policies/:version/diff',
  tag,
  summary: 'What changed to this version from another, and whether it is weaker; `from` 0 is what ships',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ version: versionIn }),
  query: z.strictObject({
    /** Left out: what is in force. */
    from: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  }),
  reply: z.strictObject({ changes: z.array(change), strictness }),
})

const banded = z.strictObject({ told: count, acted: count })
const flagged = { texts: count, before: count, after: count }
export const readGuardPolicyEffect = route({
  id: 'guardPolicies.effect',
  method: 'GET',
  path: '/api/v1/guard/policies/:version/effect',
  tag,
  summary:
    'What a version would change of what is in force: on findings of the last 30 days, and on the regression corpus',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ version: versionIn }),
  reply: z.strictObject({
    traffic: z.strictObject({
      since: instant,
      calls: count,
      isCut: z.boolean(),
      changed: z.array(
        z.strictObject({
          deploymentId: idOf('deployment'),
          title: z.string(),
          rule: z.string(),
          channel: z.string(),
          outcome: z.string(),
          candidate: z.string(),
          findings: count,
          calls: count,
        }),
      ),
    }),
    /** Scores that records of this time keep, by the thresholds of what is in force and of this version. */
    scores: z.array(
      z.strictObject({
        side: z.enum(['user', 'untrusted']),
        scores: count,
        before: banded,
        after: banded,
        leastMilli: z.int(),
        /** Whether more would be told than any record can say. */
        isMoreUnknown: z.boolean(),
      }),
    ),
    corpus: z.array(
      z.strictObject({
        /** Null: wherever the version says nothing special. */
        deploymentId: idOf('deployment').nullable(),
        attack: z.strictObject(flagged),
        benign: z.strictObject(flagged),
        families: z.array(
          z.strictObject({ family: z.string(), label: z.enum(['attack', 'benign']), ...flagged }),
        ),
        losses: z.array(
          z.strictObject({
            measure: z.enum(['attacks_found', 'benign_flagged']),
            isBp: z.int(),
            limitBp: z.int(),
          }),
        ),
      }),
    ),
  }),
})

export const draftGuardPolicy = route({
  id: 'guardPolicies.draft',
  method: 'PUT',
  path: '/api/v1/guard/policies/draft',
  tag,
  summary: 'Write the draft of the next version, for the detectors that are in place',
  access: { permission: 'guardPolicy.write', everywhere: true },
  body: terms,
  reply: empty,
  revision: 'required',
  refuses: ['DOCUMENT_INVALID'],
})

export const proposeGuardChange = route({
  id: 'guardPolicies.propose',
  method: 'POST',
  path: '/api/v1/guard/policies/draft/changes',
  tag,
  summary: 'Add one change to the draft, or begin one from what is in force; nothing takes effect by it',
  access: { permission: 'guardPolicy.write' },
  body: z.strictObject({
    change: z.discriminatedUnion('k', [
      z.strictObject({ k: z.literal('allow'), entry: allowed, days: z.int().min(1).max(mostAllowedDays) }),
      z.strictObject({ k: z.literal('disallow'), entry: allowed }),
      z.strictObject({ k: z.literal('off'), entry: ruleOff }),
      z.strictObject({ k: z.literal('on'), entry: ruleOff }),
      z.strictObject({ k: z.literal('offset'), side: z.enum(['user', 'untrusted']), ...offsets.shape }),
    ]),
  }),
  reply: z.strictObject({ version }),
  refuses: ['DOCUMENT_INVALID'],
})

export const discardGuardPolicyDraft = route({
  id: 'guardPolicies.discard',
  method: 'DELETE',
  path: '/api/v1/guard/policies/draft',
  tag,
  summary: 'Give up the draft',
  access: { permission: 'guardPolicy.write', everywhere: true },
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const shadowGuardPolicy = route({
  id: 'guardPolicies.shadow',
  method: 'POST',
  path: '/api/v1/guard/policies/draft/shadow',
  tag,
  summary: 'Compute what the draft changes, fix it for good, and read by it beside every call without effect',
  access: { permission: 'guardPolicy.write', everywhere: true },
  reply: empty,
  revision: 'required',
  refuses: [
    'WRONG_STATE',
    'DOCUMENT_INVALID',
    'TOO_MANY_SHADOWS',
    'NOTHING_CHANGED',
    'EFFECT_NOT_COMPUTED',
    'REGRESSION_WORSE',
  ],
})

export const tightenGuardPolicy = route({
  id: 'guardPolicies.tighten',
  method: 'POST',
  path: '/api/v1/guard/policies/draft/activate',
  tag,
  summary: 'Put the draft in force at once, which one person may where nothing becomes weaker',
  access: { permission: 'guardPolicy.activate', everywhere: true, proof: 'recent_auth' },
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE', 'DOCUMENT_INVALID', 'POLICY_WEAKER', 'NOTHING_CHANGED'],
})

export const activateGuardPolicy = route({
  id: 'guardPolicies.activate',
  method: 'POST',
  path: '/api/v1/guard/policies/:version/activate',
  tag,
  summary: 'Put a version that stood in shadow in force; it takes somebody who did not write in it',
  access: { permission: 'guardPolicy.activate', everywhere: true, proof: 'recent_auth' },
  params: z.strictObject({ version: versionIn }),
  body: z.strictObject({
    /** Differences that the person has seen; refused when there are more by now. */
    differences: count,
  }),
  reply: empty,
  refuses: [
    'WRONG_STATE',
    'DOCUMENT_INVALID',
    'SELF_APPROVAL',
    'SHADOW_TOO_SHORT',
    'DIFFERENCES_NOT_SEEN',
    'EFFECT_NOT_COMPUTED',
  ],
})

export const retireGuardPolicy = route({
  id: 'guardPolicies.retire',
  method: 'POST',
  path: '/api/v1/guard/policies/:version/retire',
  tag,
  summary: 'End a version; after the one in force what ships is, as long as that is not weaker',
  access: { permission: 'guardPolicy.activate', everywhere: true },
  params: z.strictObject({ version: versionIn }),
  reply: empty,
  refuses: ['WRONG_STATE', 'POLICY_WEAKER'],
})

export const guardPolicyRoutes = [
  listGuardPolicies,
  readGuardPolicy,
  diffGuardPolicy,
  readGuardPolicyEffect,
  draftGuardPolicy,
  proposeGuardChange,
  discardGuardPolicyDraft,
  shadowGuardPolicy,
  tightenGuardPolicy,
  activateGuardPolicy,
  retireGuardPolicy,
] as const
