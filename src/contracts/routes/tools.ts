import { z } from 'zod'
import { autonomies, effects, environments } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, shortText } from '../schemas.ts'

const tag = 'gateway'
export const toolStates = ['matching', 'changed', 'unseen', 'undeclared'] as const
const count = z.int().min(0)
const toolId = z.string().min(1).max(300)
const argument = z.string().min(1).max(200)
const values = z.array(z.string().min(1).max(300)).max(200)

const terms = z.strictObject({
  /** Its result is trusted like the operator's own text. */
  vouchedFor: z.boolean().optional(),
  /** A call of it can carry data out of the organisation. Left out: it can, where its deployment may. */
  sendsOutside: z.boolean().optional(),
  /** The argument that names where something goes, and where it may go: values, hosts, domains of addresses. */
  destination: z.strictObject({ argument, listed: values }).optional(),
  /** The argument that names what is acted on, and what of it is registered. */
  target: z.strictObject({ argument, registered: values }).optional(),
})

const toolView = z.strictObject({
  deploymentId: idOf('deployment'),
  systemId: idOf('system'),
  /** Title of the use case. */
  title: z.string(),
  environment: z.enum(environments),
  toolId: z.string(),
  server: z.string(),
  state: z.enum(toolStates),
  effect: z.enum(effects).nullable(),
  autonomy: z.enum(autonomies).nullable(),
  pinned: digest.nullable(),
  /** Null where nothing was seen, or nothing that can be read as a definition. */
  seen: digest.nullable(),
  lastSeenAt: instant.nullable(),
  terms,
  /** Looser terms wait for a second person. */
  isProposed: z.boolean(),
})

export const listTools = route({
  id: 'tools.list',
  method: 'GET',
  path: '/api/v1/gateway/tools',
  tag,
  summary: 'Tools that releases in place declare or that the gateway has seen, by tool and deployment',
  access: { permission: 'useCase.read' },
  query: pageQuery(['toolId'], {
    state: z.enum(toolStates).optional(),
    server: shortText.optional(),
    system: idOf('system').optional(),
    /** A part of the name. */
    q: shortText.optional(),
  }),
  reply: pageOf(toolView),
})

export const countTools = route({
  id: 'tools.count',
  method: 'GET',
  path: '/api/v1/gateway/tools/count',
  tag,
  summary: 'How many tools are as approved, changed, not seen yet, or not declared',
  access: { permission: 'useCase.read' },
  query: empty,
  reply: z.strictObject({ matching: count, changed: count, unseen: count, undeclared: count }),
})

export const readTool = route({
  id: 'tools.read',
  method: 'GET',
  path: '/api/v1/gateway/tools/definition',
  tag,
  summary: 'A tool of a deployment: its definitions, what changed between them, and what is registered of it',
  access: { permission: 'useCase.read' },
  query: z.strictObject({ deployment: idOf('deployment'), tool: toolId }),
  reply: z.strictObject({
    ...toolView.shape,
    proposed: z.strictObject({ terms, by: z.string() }).nullable(),
    setBy: z.string().nullable(),
    setAt: instant.nullable(),
    sightings: z.array(
      z.strictObject({ digest: digest.nullable(), firstSeenAt: instant, lastSeenAt: instant }),
    ),
    /** Text of whoever wrote the tool: show it as data. Null where it was never seen. */
    pinnedText: z.string().nullable(),
    seenText: z.string().nullable(),
    diff: z.array(z.strictObject({ k: z.enum(['same', 'added', 'removed']), text: z.string() })).nullable(),
  }),
})

const name = { toolId, definition: digest }
const waiting = z.strictObject({
  /** What was stated is looser than before and waits for a second person. */
  isWaiting: z.boolean(),
})

export const registerTool = route({
  id: 'tools.register',
  method: 'PUT',
  path: '/api/v1/gateway/tool-registrations',
  tag,
  summary:
    'State what one definition of a tool does; what is stricter holds at once, what is looser needs a second person',
  access: { permission: 'gateway.manage', everywhere: true, proof: 'recent_auth' },
  body: z.strictObject({ ...name, terms }),
  reply: waiting,
  refuses: ['NOTHING_CHANGED', 'DOCUMENT_INVALID'],
})

export const confirmTool = route({
  id: 'tools.confirm',
  method: 'POST',
  path: '/api/v1/gateway/tool-registrations/confirm',
  tag,
  summary: 'Confirm looser terms that somebody else has stated',
  access: { permission: 'gateway.manage', everywhere: true, proof: 'recent_auth' },
  body: z.strictObject(name),
  reply: waiting,
  refuses: ['WRONG_STATE', 'SELF_APPROVAL'],
})

export const dropTool = route({
  id: 'tools.drop',
  method: 'POST',
  path: '/api/v1/gateway/tool-registrations/drop',
  tag,
  summary: 'Drop looser terms that wait',
  access: { permission: 'gateway.manage', everywhere: true },
  body: z.strictObject(name),
  reply: waiting,
  refuses: ['WRONG_STATE'],
})

export const toolRoutes = [listTools, countTools, readTool, registerTool, confirmTool, dropTool] as const
