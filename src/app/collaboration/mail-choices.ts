import { usualMailMode } from '../../governance/collaboration/index.ts'
import type { UserId } from '../../kernel/index.ts'
import { noticeKinds, type MailMode, type NoticeKind } from '../../kernel/notice-kinds.ts'
import type { Query } from '../ports/query.ts'

export type MailChoices = { readonly [K in NoticeKind]: MailMode }

/** How each kind goes to a person by e-mail. */
export async function mailChoices(query: Query, person: UserId): Promise<MailChoices> {
  const rows = await query<{ kind: NoticeKind; mode: MailMode }>(
    'select kind, mode from mail_choices where person_id = $1',
    [person],
  )
  const chosen = new Map(rows.map(({ kind, mode }) => [kind, mode]))
  const all = noticeKinds.map((kind) => [kind, chosen.get(kind) ?? usualMailMode(kind)])
  return Object.fromEntries(all) as MailChoices // one member for each kind
}

/** Changes how these kinds go to a person. What waits for a digest of a kind that is now off goes no more. */
export async function chooseMail(query: Query, person: UserId, choices: Partial<MailChoices>): Promise<void> {
  await query(
    `with wanted as (select * from jsonb_each_text($2::jsonb) as w(kind, mode)),
       ended as (update notices n set mail = 'none' from wanted w
         where n.person_id = $1 and n.mail = 'daily' and w.kind = n.kind and w.mode = 'off')
     insert into mail_choices (person_id, kind, mode) select $1, kind, mode from wanted
     on conflict (person_id, kind) do update set mode = excluded.mode`,
    [person, JSON.stringify(choices)],
  )
}
