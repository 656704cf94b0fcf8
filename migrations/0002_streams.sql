-- The state of every aggregate as its decider folded it, with the revision of its stream.
create table streams (
  stream text primary key,
  kind text not null,
  rev bigint not null check (rev >= 1),
  state jsonb not null,
  updated_at timestamptz not null
);
create index streams_kind on streams (kind, stream);

create table idempotency_keys (
  principal text not null,
  key text not null,
  request_digest text not null,
  status integer,
  body text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (principal, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

create table settings (
  name text primary key,
  value text not null
);

grant select, insert, update on streams, idempotency_keys, settings to countersign_app;
grant delete on idempotency_keys to countersign_app;
grant select on settings to countersign_integrator;
