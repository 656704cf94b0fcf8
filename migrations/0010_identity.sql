-- People and how they prove who they are. Names and addresses stand here alone, so that they can be erased.

create table units (
  id text primary key,
  parent_id text references units (id),
  name text not null
);
create index units_parent on units (parent_id);

create table people (
  id text primary key,
  unit_id text references units (id),
  state text not null check (state in ('active', 'suspended', 'erased')),
  is_admin boolean not null default false,
  name text,
  email text,
  created_at timestamptz not null,
  check (state <> 'erased' or (name is null and email is null))
);
create unique index people_email on people (lower(email));
create index people_unit on people (unit_id);

-- Secrets of sign-in. `secret` is a password hash or a TOTP secret; a passkey has its public key in `public_key`.
create table credentials (
  id text primary key,
  person_id text not null references people (id),
  kind text not null check (kind in ('password', 'totp', 'passkey')),
  secret text,
  external_id text unique,
  public_key text,
  counter bigint not null default 0,
  last_step bigint,
  custody text,
  created_at timestamptz not null
);
create index credentials_person on credentials (person_id);
create unique index credentials_one_password on credentials (person_id) where kind = 'password';
create unique index credentials_one_totp on credentials (person_id) where kind = 'totp';

create table recovery_codes (
  digest text primary key,
  person_id text not null references people (id)
);
create index recovery_codes_person on recovery_codes (person_id);

create table sessions (
  id text primary key,
  token_digest text not null unique,
  person_id text not null references people (id),
  method text not null,
  mfa boolean not null,
  authenticated_at timestamptz not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  ended_at timestamptz
);
create index sessions_person on sessions (person_id);

-- Challenges that were given out and not yet answered; used once.
create table challenges (
  id text primary key,
  purpose text not null,
  person_id text references people (id),
  challenge text not null,
  document text,
  expires_at timestamptz not null
);
create index challenges_person on challenges (person_id);

-- Links by which a person sets their own credentials, and the one of the first run.
create table enrolment_tokens (
  token_digest text primary key,
  person_id text references people (id),
  purpose text not null check (purpose in ('setup', 'enrol', 'recover')),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index enrolment_tokens_person on enrolment_tokens (person_id);

create table login_failures (
  subject text not null,
  at timestamptz not null
);
create index login_failures_subject on login_failures (subject, at);

grant select, insert, update on units, people, credentials, sessions, enrolment_tokens to countersign_app;
grant select, insert, delete on challenges, recovery_codes, login_failures to countersign_app;
grant delete on credentials to countersign_app;
