import { z } from 'zod'
import { route } from '../route.ts'
import { empty } from '../schemas.ts'

const tag = 'settings'
const act = { permission: 'settings.manage', proof: 'recent_auth' } as const

/** Why an installation does not offer a demo. */
export const demoHindrances = ['off', 'own_database', 'behind_proxy', 'in_demo'] as const

export const readDemo = route({
  id: 'demoOrganisation.read',
  method: 'GET',
  path: '/api/v1/demo',
  tag,
  summary: 'Where the demo organisation beside this installation stands, and whether one is offered',
  access: { permission: 'settings.manage' },
  query: empty,
  reply: z.strictObject({
    state: z.discriminatedUnion('k', [
      z.strictObject({ k: z.literal('none') }),
      /** What has happened so far, in the words of the walk. */
      z.strictObject({ k: z.literal('loading'), steps: z.array(z.string()) }),
      z.strictObject({ k: z.literal('starting') }),
      z.strictObject({ k: z.literal('running'), origin: z.string(), gateway: z.string() }),
      z.strictObject({ k: z.literal('stopped') }),
      z.strictObject({ k: z.literal('removing') }),
      z.strictObject({
        k: z.literal('failed'),
        during: z.enum(['load', 'start', 'run', 'remove']),
        why: z.string(),
      }),
    ]),
    /** Null when one may be loaded or started. */
    hindrance: z.enum(demoHindrances).nullable(),
    /** Whether nothing has been registered in this installation, which loading asks for. */
    isEmpty: z.boolean(),
  }),
})

export const loadDemo = route({
  id: 'demoOrganisation.load',
  method: 'POST',
  path: '/api/v1/demo/load',
  tag,
  summary:
    'Begin to fill a demo organisation: a separate installation in a folder of its own; `demoOrganisation.read` tells how far it is',
  access: act,
  reply: empty,
  refuses: ['WRONG_STATE', 'DEMO_NOT_OFFERED', 'INSTALLATION_NOT_EMPTY'],
  idempotent: false,
})

export const startDemo = route({
  id: 'demoOrganisation.start',
  method: 'POST',
  path: '/api/v1/demo/start',
  tag,
  summary: 'Start the demo organisation again from its folder',
  access: act,
  reply: empty,
  refuses: ['WRONG_STATE', 'DEMO_NOT_OFFERED'],
  idempotent: false,
})

export const removeDemo = route({
  id: 'demoOrganisation.remove',
  method: 'POST',
  path: '/api/v1/demo/remove',
  tag,
  summary: 'Stop the demo organisation and delete its folder whole',
  access: act,
  reply: empty,
  refuses: ['WRONG_STATE'],
  idempotent: false,
})

export const demoRoutes = [readDemo, loadDemo, startDemo, removeDemo] as const
