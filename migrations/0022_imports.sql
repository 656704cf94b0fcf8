-- Bulk import: the file, what each of its rows would do, and how far it has come. Working data: what is planned and
-- committed is in the ledger, and each committed row is facts of a use case.

create table imports (
  id text primary key,
  phase text not null check (phase in ('checking', 'unusable', 'planned', 'committing', 'done', 'aborted')),
  person_id text not null references people (id),
  -- How the importer had proved who they are when they asked for what is running.
  authn jsonb not null,
  file_name text not null,
  file_digest text not null,
  file_bytes integer not null check (file_bytes >= 0),
  -- Gone when the import has ended.
  content text,
  delimiter text not null,
  headers jsonb not null,
  samples jsonb not null,
  mapping jsonb not null,
  faults jsonb not null default '[]',
  questionnaire text,
  mapping_digest text,
  plan_digest text,
  counts jsonb,
  mode text check (mode in ('atomic', 'skip_errors')),
  total integer,
  checked integer not null default 0,
  -- Who works on it, and when they last said so.
  beat_by text,
  beat_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check (phase not in ('done', 'aborted') or content is null)
);
create index imports_person on imports (person_id, created_at desc, id desc);
create index imports_page on imports (created_at desc, id desc);
create index imports_open on imports (created_at) where phase in ('checking', 'committing');

create table import_rows (
  import_id text not null references imports (id),
  row integer not null check (row >= 2),
  external_id text not null,
  outcome text not null check (outcome in ('create', 'update', 'unchanged', 'error')),
  -- Whether the row's commands ran. A row is marked in the transaction of its commands.
  state text not null check (state in ('pending', 'done', 'failed', 'none')),
  use_case_id text,
  revision bigint,
  tier smallint check (tier between 1 and 3),
  likely jsonb not null,
  differences jsonb not null,
  reasons jsonb not null,
  -- What the commit does; gone when it is done.
  change jsonb,
  -- The row as it stood in the file, where it has to be handed back.
  cells jsonb,
  primary key (import_id, row),
  check ((outcome in ('create', 'update')) = (state <> 'none'))
);
create index import_rows_outcome on import_rows (import_id, outcome, row);
create index import_rows_pending on import_rows (import_id, row) where state = 'pending';
create index import_rows_state on import_rows (import_id, state, row);
create index import_rows_external on import_rows (import_id, external_id);

grant select, insert, update, delete on imports, import_rows to countersign_app;
