-- What leaves the installation: notices by e-mail, facts by signed webhooks. Only that an endpoint was registered, got
-- another secret or was disabled is a fact; what was sent when is working data.

create table webhooks (
  id text primary key,
  -- Written beside the projection: the ledger holds the host alone, sealed.
  url text,
  kinds text[] not null check (cardinality(kinds) > 0 and kinds <@ array[
    'mention', 'comment', 'information', 'decision', 'ballot_due', 'stop', 'override', 'breach', 'expiry']),
  private_cidrs text[] not null,
  created_by text not null,
  created_at timestamptz not null,
  disabled_at timestamptz,
  disabled_cause text check (disabled_cause in ('person', 'gone')),
  check ((disabled_at is null) = (disabled_cause is null))
);

-- Secrets sealed under a key that is not in the database. The newest has no end; one before it lives on for a while.
create table webhook_secrets (
  webhook_id text not null references webhooks (id),
  n integer not null check (n >= 1),
  sealed bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (webhook_id, n)
);

-- Facts that an endpoint wants to hear of, one row a fact whoever else is told of it.
create table announcements (
  id text primary key,
  kinds text[] not null check (cardinality(kinds) > 0),
  event text not null,
  about text not null,
  use_case_id text references use_cases (id),
  thread_id text references threads (id),
  actor text not null,
  command_id text not null,
  created_at timestamptz not null,
  taken_at timestamptz,
  unique (command_id, event, about)
);
create index announcements_use_case on announcements (use_case_id);
create index announcements_thread on announcements (thread_id);
create index announcements_new on announcements (id) where taken_at is null;
create index announcements_age on announcements (created_at);

create table deliveries (
  id text primary key,
  channel text not null check (channel in ('mail', 'webhook')),
  person_id text references people (id),
  webhook_id text references webhooks (id),
  -- Null for a test.
  announcement_id text references announcements (id),
  -- The day of a digest, in the zone of the installation.
  digest_on date,
  state text not null check (state in ('waiting', 'delivered', 'dead', 'dropped')),
  attempts integer not null default 0 check (attempts >= 0),
  -- While somebody sends it: when it is taken for lost.
  next_at timestamptz not null,
  created_at timestamptz not null,
  last_at timestamptz,
  last_fault text,
  last_status integer,
  ended_at timestamptz,
  check ((channel = 'mail') = (person_id is not null)),
  check ((channel = 'webhook') = (webhook_id is not null)),
  check (digest_on is null or channel = 'mail'),
  check (announcement_id is null or channel = 'webhook'),
  check ((state = 'waiting') = (ended_at is null)),
  unique (person_id, digest_on),
  unique (webhook_id, announcement_id)
);
create index deliveries_due on deliveries (channel, webhook_id, next_at) where state = 'waiting';
create index deliveries_announcement on deliveries (announcement_id);
create index deliveries_of on deliveries (webhook_id, state, ended_at);
create index deliveries_age on deliveries (created_at);

-- How a notice goes by e-mail: not looked at yet, waits for the digest, not at all, or in a delivery.
alter table notices add column mail text not null default 'none' check (mail in ('new', 'daily', 'none', 'given'));
alter table notices alter column mail set default 'new';
alter table notices add column delivery_id text references deliveries (id);
alter table notices add check ((mail = 'given') = (delivery_id is not null));
create index notices_new on notices (id) where mail = 'new';
create index notices_daily on notices (person_id, id) where mail = 'daily';
create index notices_delivery on notices (delivery_id);

-- Where a person has chosen otherwise than the product does.
create table mail_choices (
  person_id text not null references people (id),
  kind text not null check (kind in
    ('mention', 'comment', 'information', 'decision', 'ballot_due', 'stop', 'override', 'breach', 'expiry')),
  mode text not null check (mode in ('at_once', 'daily', 'off')),
  primary key (person_id, kind)
);

grant select, insert on webhooks to countersign_app;
grant update (url, disabled_at, disabled_cause) on webhooks to countersign_app;
grant select, insert, delete on webhook_secrets, announcements, deliveries, mail_choices to countersign_app;
grant update (expires_at) on webhook_secrets to countersign_app;
grant update (taken_at) on announcements to countersign_app;
grant update (state, attempts, next_at, last_at, last_fault, last_status, ended_at) on deliveries to countersign_app;
grant update (mode) on mail_choices to countersign_app;
grant update (mail, delivery_id) on notices to countersign_app;
