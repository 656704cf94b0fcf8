-- Who may run the request of a key, since when, and which command it became (ADR 0006).

alter table idempotency_keys
  add column claim text not null default '',
  add column claimed_at timestamptz not null default clock_timestamp(),
  add column command_id text;
