import { dayMs, type EpochMs } from '../../kernel/index.ts'
import type { person } from '../../governance/people/index.ts'
import { may } from '../access.ts'
import { perSource, type Asking, type WorkItem } from './item.ts'

/** Roles and recoveries that another administrator has asked for. */
export async function peopleWork({ query, reader, now }: Asking): Promise<readonly WorkItem[]> {
  const approves = may(reader.authority, 'role.grant', null, now)
  const recovers = may(reader.authority, 'people.manage', null, now)
  if (!approves && !recovers) return []
  const rows = await query<{ state: person.Person; name: string | null }>(
    `select s.state, p.name from people p join streams s on s.stream = 'person/' || p.id
     where p.state = 'active' and (jsonb_array_length(s.state -> 'requests') > 0 or s.state -> 'recovery' <> 'null'::jsonb)
     order by p.id limit $1`,
    [perSource],
  )
  return rows.flatMap(({ state, name }): WorkItem[] => {
    const about = { id: state.id, title: name, tier: null }
    const asked = state.requests.filter(({ by }) => approves && by !== reader.person)
    const { recovery } = state
    const due: EpochMs | null = recovery === null ? null : ((recovery.at + dayMs) as EpochMs) // a sum of whole milliseconds
    return [
      ...asked.map(
        ({ role }): WorkItem => ({
          kind: 'role_request',
          ...about,
          due: null,
          since: null,
          why: { code: 'SECOND_ADMINISTRATOR', params: { role } },
        }),
      ),
      ...(recovery === null || !recovers || recovery.by === reader.person || due === null || due <= now
        ? []
        : [
            {
              kind: 'recovery_request',
              ...about,
              due,
              since: recovery.at,
              why: { code: 'SECOND_ADMINISTRATOR', params: {} },
            } as const,
          ]),
    ]
  })
}
