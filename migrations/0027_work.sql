-- Until when a person does not want to see something that waits for them; a personal matter, and no fact.
create table work_snoozes (
  person_id text not null references people (id),
  kind text not null,
  -- Id or digest of the record, as the work list names it.
  record text not null,
  -- Since when it waited then: what waits anew was not put off.
  since_at timestamptz,
  until_at timestamptz not null,
  primary key (person_id, kind, record)
);
grant select, insert, delete on work_snoozes to countersign_app;
grant update (since_at, until_at) on work_snoozes to countersign_app;
