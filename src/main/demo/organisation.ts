import { proposeCharter, ratifyCharter } from '../../contracts/routes/charters.ts'
import { registerUpstream } from '../../contracts/routes/gateway.ts'
import { approveRole, createUnit, enrolPerson as invite, readPerson } from '../../contracts/routes/people.ts'
import type { Fn, UnitId, UpstreamId, UserId } from '../../kernel/index.ts'
import { enrolPerson, setUpPerson, type Person } from './person.ts'

/** A fictitious security organisation: who owns, who decides, who may stop. */
export type Organisation = {
  readonly admin: Person
  readonly secondAdmin: Person
  /** One holder for each function of the committee. */
  readonly seats: { readonly [F in Fn]: Person }
  readonly requester: Person
  readonly businessOwner: Person
  readonly technicalOwner: Person
  readonly backupOwner: Person
  readonly analyst: Person
  readonly validator: Person
  readonly commander: Person
  /** Accepts high residual risks for the business; named by the charter. */
  readonly executive: Person
  readonly auditor: Person
  readonly upstream: UpstreamId
  readonly region: string
}

type Role = 'requester' | 'analyst' | 'validator' | 'incident_commander' | 'auditor' | 'admin'

/** Founds the organisation on a fresh installation: people, charter and a simulated provider. */
export async function foundOrganisation(
  baseUrl: string,
  setupToken: string,
  providerOrigin: string,
  tell: (line: string) => void,
): Promise<Organisation> {
  const admin = await setUpPerson(baseUrl, {
    name: 'Ada Admin',
    email: 'ada.admin@soc.example',
    token: setupToken,
  })
  tell(
    'the first administrator has used the set-up token, a TOTP code and a passkey; set-up is closed for good',
  )
  const units = new Map<string, UnitId>()
  for (const name of [
    'Security operations',
    'Risk',
    'Legal',
    'Privacy',
    'IT',
    'Data science',
    'Internal audit',
  ]) {
    const { id } = await admin.call(createUnit, { body: { name } })
    units.set(name, id)
  }
  const enrol = async (name: string, unit: string, role: Role | null): Promise<Person> => {
    const email = `${name.toLowerCase().replace(' ', '.')}@soc.example`
    const until = role === 'auditor' ? new Date(Date.now() + 90 * 86_400_000).toISOString() : null
    const { id, token } = await admin.call(invite, {
      body: {
        name,
        email,
        unit: units.get(unit) ?? null,
        roles: role === null ? [] : [{ role, until }],
      },
    })
    const person = await enrolPerson(baseUrl, { name, email, token })
    if (role === 'incident_commander') await confirmRoles(id)
    return person
  }
  /** Roles with power over others wait for a second administrator. */
  const confirmRoles = async (id: UserId) => {
    const { requests } = await secondAdmin.call(readPerson, { params: { id } })
    for (const { id: grant } of requests) await secondAdmin.call(approveRole, { params: { id, grant } })
  }
  const secondAdmin = await enrol('Abe Admin', 'IT', 'admin')
  const seats = {
    security: await enrol('Sana Security', 'IT', null),
    risk: await enrol('Rico Risk', 'Risk', null),
    legal: await enrol('Lena Legal', 'Legal', null),
    privacy: await enrol('Paul Privacy', 'Privacy', null),
    it: await enrol('Ines Infra', 'IT', null),
    data_science: await enrol('Dana Data', 'Data science', null),
  }
  const organisation = {
    admin,
    secondAdmin,
    seats,
    requester: await enrol('Rita Requester', 'Security operations', 'requester'),
    businessOwner: await enrol('Bela Business', 'Security operations', 'requester'),
    technicalOwner: await enrol('Tomas Technical', 'Security operations', 'requester'),
    backupOwner: await enrol('Bo Backup', 'Security operations', 'requester'),
    analyst: await enrol('Anna Analyst', 'Risk', 'analyst'),
    validator: await enrol('Vito Validator', 'Data science', 'validator'),
    commander: await enrol('Carla Commander', 'Security operations', 'incident_commander'),
    executive: await enrol('Bea Board', 'Security operations', null),
    auditor: await enrol('Otto Auditor', 'Internal audit', 'auditor'),
  }
  tell('17 people are enrolled, each with their own session and second factor')
  await ratify(seats, organisation.executive)
  tell(
    'three people of three functions have signed the first charter with their passkeys: bootstrap mode is over',
  )
  const region = 'local'
  const { id: upstream } = await admin.call(registerUpstream, {
    body: {
      name: 'demo-provider',
      origin: providerOrigin,
      basePath: '/v1',
      region,
      ceiling: 'confidential',
      privateCidrs: ['127.0.0.0/8'],
      secret: 'the-demo-provider-takes-any-key',
    },
  })
  tell('a model provider is registered (a simulator); its key is sealed')
  return { ...organisation, upstream, region }
}

async function ratify(seats: Organisation['seats'], executive: Person): Promise<void> {
  const { digest } = await seats.security.call(proposeCharter, {
    body: {
      seats: Object.entries(seats).map(([fn, { id }]) => ({
        fn: fn as Fn, // the keys of seats are functions
        holder: id,
        alternates: [],
        chair: fn === 'security',
      })),
      businessExecutives: [executive.id],
    },
  })
  for (const fn of ['security', 'risk', 'legal'] as const)
    await seats[fn].sign(ratifyCharter, { params: { digest }, body: {} })
}
