import { z } from 'zod'
import { organisation } from '../organisation.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant } from '../schemas.ts'

/** Parts of the installation that somebody sets, each by the commands of its own routes. */
export const settingAreas = [
  'organisation',
  'people',
  'units',
  'serviceAccounts',
  'charter',
  'providers',
  'grantKeys',
  'webhooks',
] as const

export const readSettings = route({
  id: 'settings.read',
  method: 'GET',
  path: '/api/v1/settings',
  tag: 'settings',
  summary: 'What runs here, by which keys it is known, and who has changed each part of it last',
  access: { permission: 'people.read' },
  query: empty,
  reply: z.strictObject({
    version: z.string(),
    origin: z.string(),
    rootFingerprint: digest,
    issuer: z.string(),
    logVkey: z.string(),
    /** The newest entry of each part; a part that nobody has changed is left out. */
    changes: z.array(
      z.strictObject({
        area: z.enum(settingAreas),
        kind: z.string(),
        /** The id of a person or service, or `sys:` and a role. */
        actor: z.string(),
        at: instant,
        entry: idOf('event'),
      }),
    ),
  }),
})

export const describeOrganisation = route({
  id: 'organisation.describe',
  method: 'PUT',
  path: '/api/v1/organisation',
  tag: 'settings',
  summary: 'Say what the organisation calls itself, and in which time zone its people read times',
  access: { permission: 'settings.manage', proof: 'recent_auth' },
  body: organisation,
  reply: empty,
  refuses: ['TIME_ZONE_UNKNOWN', 'NOTHING_CHANGED'],
})

export const settingsRoutes = [readSettings, describeOrganisation] as const
