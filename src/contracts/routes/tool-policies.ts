import { z } from 'zod'
import { autonomies, dataClasses, effects, environments } from '../../kernel/index.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, revision, shortText } from '../schemas.ts'

const tag = 'gateway'
export const policyStages = ['draft', 'shadow', 'active', 'retired'] as const
export const toolOutcomes = ['allow', 'approve', 'deny', 'fault'] as const
export const taints = ['trusted', 'user', 'untrusted'] as const

const key = z.string().regex(/^[a-z0-9](-?[a-z0-9]){0,39}$/, 'a key such as `payments`')
const version = z.int().min(1).max(2_147_483_647)
const place = z.strictObject({ key, version: z.coerce.number().int().min(1).max(2_147_483_647) })
const draft = { text: z.string().max(16_384), args: z.string().max(2_048).default('{}') }
const count = z.int().min(0)
const outcome = z.enum(toolOutcomes)

const fault = z.strictObject({
  part: z.enum(['text', 'args']),
  /** From 1; null where the fault concerns the whole part. */
  line: z.int().nullable(),
  column: z.int().nullable(),
  message: z.string(),
})
const diffLine = z.strictObject({ k: z.enum(['same', 'added', 'removed']), text: z.string() })

const versionView = z.strictObject({
  key: z.string(),
  version,
  origin: z.enum(['shipped', 'own']),
  stage: z.enum(policyStages),
  digest: digest.nullable(),
  draftedBy: z.string().nullable(),
  publishedBy: z.string().nullable(),
  publishedAt: instant.nullable(),
  activatedBy: z.string().nullable(),
  activatedAt: instant.nullable(),
  retiredAt: instant.nullable(),
  /** Deployments whose release names it. */
  deployments: count,
  /** Calls beside which it was decided in shadow, and those that it would have decided otherwise. */
  shadowCalls: count,
  differences: count,
})

export const listToolPolicies = route({
  id: 'toolPolicies.list',
  method: 'GET',
  path: '/api/v1/gateway/tool-policies',
  tag,
  summary: 'Policies about tools: every version, those that ship with the product first',
  access: { permission: 'useCase.read' },
  query: empty,
  reply: z.strictObject({ items: z.array(versionView) }),
})

export const readToolPolicy = route({
  id: 'toolPolicies.read',
  method: 'GET',
  path: '/api/v1/gateway/tool-policies/:key/versions/:version',
  tag,
  summary: 'One version with its text, and what it would have decided otherwise while in shadow',
  access: { permission: 'useCase.read' },
  params: place,
  reply: z.strictObject({
    ...versionView.shape,
    revision,
    text: z.string(),
    args: z.string(),
    policies: z.array(z.strictObject({ id: z.string(), effect: z.string(), readsArguments: z.boolean() })),
    differing: z.array(
      z.strictObject({
        deploymentId: idOf('deployment'),
        title: z.string(),
        environment: z.enum(environments),
        toolId: z.string(),
        outcome,
        shadowOutcome: outcome,
        calls: count,
        lastAt: instant,
        lastRecord: idOf('record'),
      }),
    ),
  }),
})

export const diffToolPolicy = route({
  id: 'toolPolicies.diff',
  method: 'GET',
  path: '/api/v1/gateway/tool-policies/:key/versions/:version/diff',
  tag,
  summary: 'What changed from another version to this one, line by line',
  access: { permission: 'useCase.read' },
  params: place,
  query: z.strictObject({ fromKey: key, fromVersion: z.coerce.number().int().min(1).max(2_147_483_647) }),
  reply: z.strictObject({ lines: z.array(diffLine) }),
})

export const createToolPolicy = route({
  id: 'toolPolicies.create',
  method: 'POST',
  path: '/api/v1/gateway/tool-policies',
  tag,
  summary: 'Begin a policy of your own with a draft',
  access: { permission: 'toolPolicy.write', everywhere: true },
  body: z.strictObject({ key, ...draft }),
  reply: empty,
  refuses: ['NAME_TAKEN', 'DOCUMENT_INVALID'],
  status: 201,
})

export const draftToolPolicy = route({
  id: 'toolPolicies.draft',
  method: 'PUT',
  path: '/api/v1/gateway/tool-policies/:key/draft',
  tag,
  summary: 'Write the draft of the next version',
  access: { permission: 'toolPolicy.write', everywhere: true },
  params: z.strictObject({ key }),
  body: z.strictObject(draft),
  reply: empty,
  revision: 'required',
  refuses: ['NAME_TAKEN', 'DOCUMENT_INVALID'],
})

export const discardToolPolicyDraft = route({
  id: 'toolPolicies.discard',
  method: 'DELETE',
  path: '/api/v1/gateway/tool-policies/:key/draft',
  tag,
  summary: 'Give up the draft',
  access: { permission: 'toolPolicy.write', everywhere: true },
  params: z.strictObject({ key }),
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const publishToolPolicy = route({
  id: 'toolPolicies.publish',
  method: 'POST',
  path: '/api/v1/gateway/tool-policies/:key/draft/publish',
  tag,
  summary: 'Fix the draft for good and decide by it beside every call, without effect',
  access: { permission: 'toolPolicy.write', everywhere: true },
  params: z.strictObject({ key }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE', 'DOCUMENT_INVALID', 'TOO_MANY_SHADOWS'],
})

export const activateToolPolicy = route({
  id: 'toolPolicies.activate',
  method: 'POST',
  path: '/api/v1/gateway/tool-policies/:key/versions/:version/activate',
  tag,
  summary: 'Let new releases name a version that stood in shadow; it takes somebody who did not write in it',
  access: { permission: 'toolPolicy.activate', everywhere: true, proof: 'recent_auth' },
  params: place,
  body: z.strictObject({
    /** Differences that the person has seen; refused when there are more by now. */
    differences: count,
  }),
  reply: empty,
  refuses: ['WRONG_STATE', 'SELF_APPROVAL', 'DIFFERENCES_NOT_SEEN'],
})

export const retireToolPolicy = route({
  id: 'toolPolicies.retire',
  method: 'POST',
  path: '/api/v1/gateway/tool-policies/:key/versions/:version/retire',
  tag,
  summary: 'End a version: no release begins to name it; those that were approved with it keep it',
  access: { permission: 'toolPolicy.write', everywhere: true },
  params: place,
  reply: empty,
  refuses: ['WRONG_STATE'],
})

export const checkToolPolicy = route({
  id: 'toolPolicies.check',
  method: 'POST',
  path: '/api/v1/gateway/tool-policies/check',
  tag,
  summary: 'What is wrong with a draft, and where; nothing is stored',
  access: { permission: 'toolPolicy.write' },
  body: z.strictObject(draft),
  reply: z.strictObject({ faults: z.array(fault) }),
  idempotent: false,
})

const candidate = z.union([z.strictObject(draft), z.strictObject({ digest })])
const decision = z.strictObject({
  k: outcome,
  reasons: z.array(z.strictObject({ code: z.string(), detail: z.string().optional() })),
})
const refusedDraft = z.strictObject({ k: z.literal('faults'), faults: z.array(fault) })

export const tryToolPolicy = route({
  id: 'toolPolicies.try',
  method: 'POST',
  path: '/api/v1/gateway/tool-policies/try',
  tag,
  summary: 'What a policy would do with calls that you make up; nothing is stored',
  access: { permission: 'toolPolicy.write' },
  body: z.strictObject({
    candidate,
    /** The version that it is compared with. */
    current: digest.nullable().default(null),
    calls: z
      .array(
        z.strictObject({
          toolId: shortText,
          effect: z.enum(effects),
          autonomyMax: z.enum(autonomies).default('A4'),
          tier: z.union([z.literal(1), z.literal(2), z.literal(3)]),
          environment: z.enum(environments).default('prod'),
          /** Whether the tool can carry data out, and whether the deployment may. */
          sendsOutside: z.boolean().default(false),
          mayExternalSend: z.boolean().default(false),
          args: z.record(z.string(), z.json()).default({}),
          taint: z.enum(taints).default('user'),
          taintSources: z.array(shortText).max(16).default([]),
          findings: z.array(shortText).max(16).default([]),
          risk: z.int().min(0).max(100).default(0),
          dataClass: z.enum(dataClasses).default('public'),
          destinationListed: z.boolean().default(false),
          targetRegistered: z.boolean().default(false),
        }),
      )
      .min(1)
      .max(50),
  }),
  reply: z.discriminatedUnion('k', [
    refusedDraft,
    z.strictObject({
      k: z.literal('results'),
      results: z.array(z.strictObject({ candidate: decision, current: decision.nullable() })),
    }),
  ]),
  idempotent: false,
})

const replayed = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('decided'), decision }),
  /** These policies concern the call and read its arguments, which are kept nowhere. */
  z.strictObject({ k: z.literal('unknown'), policies: z.array(z.string()) }),
  z.strictObject({ k: z.literal('unusable'), policies: z.array(z.string()) }),
])

export const replayToolPolicy = route({
  id: 'toolPolicies.replay',
  method: 'POST',
  path: '/api/v1/gateway/tool-policies/replay',
  tag,
  summary:
    'What a policy would have done with recent calls; records hold no arguments, and nothing is stored',
  access: { permission: 'toolPolicy.write' },
  body: z.strictObject({
    candidate,
    deployment: idOf('deployment').nullable().default(null),
    limit: z.int().min(1).max(500).default(200),
  }),
  reply: z.discriminatedUnion('k', [
    refusedDraft,
    z.strictObject({
      k: z.literal('replay'),
      counts: z.strictObject({ considered: count, different: count, unknown: count, skipped: count }),
      calls: z.array(
        z.strictObject({
          record: idOf('record'),
          at: instant,
          deploymentId: idOf('deployment'),
          tool: z.string(),
          taint: z.string(),
          recorded: decision,
          candidate: replayed,
          current: replayed,
          isDifferent: z.boolean().nullable(),
        }),
      ),
    }),
  ]),
  idempotent: false,
})

export const toolPolicyRoutes = [
  listToolPolicies,
  readToolPolicy,
  diffToolPolicy,
  createToolPolicy,
  draftToolPolicy,
  discardToolPolicyDraft,
  publishToolPolicy,
  activateToolPolicy,
  retireToolPolicy,
  checkToolPolicy,
  tryToolPolicy,
  replayToolPolicy,
] as const
