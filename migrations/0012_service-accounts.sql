-- Programs that act here, their keys, and assertions of passkeys that have proved something.

create table service_accounts (
  id text primary key,
  name text not null,
  state text not null check (state in ('active', 'disabled')),
  permissions text[] not null check (cardinality(permissions) > 0),
  use_case_id text,
  cidrs cidr[] not null,
  created_by text not null,
  created_at timestamptz not null
);

-- Revoked and expired keys stay, so that a leaked key can still be told by its id.
create table api_keys (
  id text primary key,
  service_id text not null references service_accounts (id),
  secret_digest text not null unique,
  issued_by text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz,
  check (expires_at > issued_at and expires_at <= issued_at + interval '365 days')
);
create index api_keys_service on api_keys (service_id, issued_at);

-- Each assertion over a document proves one act.
create table used_assertions (
  digest text primary key,
  person_id text not null references people (id),
  at timestamptz not null
);
create index used_assertions_person on used_assertions (person_id);

-- Digest of the address with which a sign-in was begun, whether or not somebody has it.
alter table challenges add column account text;
create index challenges_age on challenges (expires_at);
create index login_failures_age on login_failures (at);

grant select, insert, update on service_accounts, api_keys to countersign_app;
grant select, insert on used_assertions to countersign_app;
grant delete on sessions, enrolment_tokens to countersign_app;
