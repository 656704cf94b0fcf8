import type { thread } from '../../governance/collaboration/index.ts'
import type { UserId } from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import { aboutOf, talkAbout } from './subjects.ts'

type Watching = {
  readonly reader: Reader & { readonly person: UserId }
  readonly subject: thread.Subject
}

/** Whether a person watches a record. `NOT_FOUND` where they may not read it. */
export async function readWatch(query: Query, { reader, subject }: Watching): Promise<boolean> {
  await talkAbout(query, reader, subject)
  const rows = await query('select 1 from watches where person_id = $1 and about = $2', [
    reader.person,
    aboutOf(subject),
  ])
  return rows.length > 0
}

/** From now on the person is told what happens to the record and is said about it. */
export async function watch(query: Query, { reader, subject }: Watching): Promise<void> {
  await talkAbout(query, reader, subject)
  await query(
    `insert into watches (person_id, about, since_at) values ($1, $2, clock_timestamp()) on conflict do nothing`,
    [reader.person, aboutOf(subject)],
  )
}

/** Ends it. One's own watch can always be ended, also where the record may no longer be read. */
export async function unwatch(query: Query, { reader, subject }: Watching): Promise<void> {
  await query('delete from watches where person_id = $1 and about = $2', [reader.person, aboutOf(subject)])
}
