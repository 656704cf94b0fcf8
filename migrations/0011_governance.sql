-- Projections of governance: what lists filter by, and the rules that must never break, a second time.
-- The state of an aggregate itself stands in `streams`; these rows are written in the same transaction.

create table use_cases (
  id text primary key,
  revision integer not null check (revision >= 1),
  state text not null,
  title text not null default '',
  external_id text unique,
  unit_id text,
  requester_id text not null,
  business_owner_id text,
  technical_owner_id text,
  backup_owner_id text,
  tier smallint check (tier between 1 and 3),
  legal_class text,
  revision_digest text,
  triaged_by text,
  triage_due_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check (triaged_by is null or (triaged_by <> requester_id and triaged_by is distinct from business_owner_id
    and triaged_by is distinct from technical_owner_id and triaged_by is distinct from backup_owner_id))
);
create index use_cases_state on use_cases (state, id);
create index use_cases_unit on use_cases (unit_id);
create index use_cases_requester on use_cases (requester_id);

create table systems (
  id text primary key,
  use_case_id text not null references use_cases (id),
  kind text not null check (kind in ('built', 'bought', 'embedded')),
  state text not null,
  name text not null default '',
  created_at timestamptz not null
);
create index systems_use_case on systems (use_case_id);

create table releases (
  digest text primary key,
  system_id text not null references systems (id),
  parent text,
  manifest jsonb not null,
  author text not null,
  created_at timestamptz not null
);
create index releases_system on releases (system_id, created_at);

create table deployments (
  id text primary key,
  use_case_id text not null references use_cases (id),
  system_id text not null references systems (id),
  environment text not null,
  op text not null,
  desired text,
  observed text,
  epoch integer not null check (epoch >= 0),
  owner_id text not null,
  created_at timestamptz not null
);
create index deployments_system on deployments (system_id);
create index deployments_use_case on deployments (use_case_id);

create table reviews (
  id text primary key,
  use_case_revision text not null,
  release text,
  kind text not null,
  state text not null,
  lead_id text,
  due_at timestamptz not null,
  created_at timestamptz not null
);
create index reviews_subject on reviews (use_case_revision);
create index reviews_open on reviews (due_at) where state in ('required', 'assigned', 'in_progress', 'info_requested', 'stale');

create table checks (
  id text primary key,
  check_id text not null,
  release text not null,
  environment text not null,
  result text not null check (result in ('pass', 'fail', 'inconclusive')),
  valid_until_at timestamptz not null,
  recorded_at timestamptz not null
);
create index checks_release on checks (release, environment);

create table cases (
  id text primary key,
  use_case_id text not null references use_cases (id),
  system_id text not null references systems (id),
  deployment_id text references deployments (id),
  release text not null,
  environment text not null,
  kind text not null,
  tier smallint not null check (tier between 1 and 3),
  state text not null,
  subject_digest text not null,
  deadline_at timestamptz not null,
  opened_at timestamptz not null
);
create index cases_use_case on cases (use_case_id);
create index cases_system on cases (system_id);
create index cases_deployment on cases (deployment_id);
create unique index cases_one_open on cases (system_id, environment, kind)
  where state in ('open', 'waiting_evidence', 'voting');

-- Who may not vote on a case, frozen when it opens.
create table case_conflicts (
  case_id text not null references cases (id),
  person_id text not null,
  code text not null,
  primary key (case_id, person_id, code)
);

create table ballots (
  id text primary key,
  case_id text not null references cases (id),
  fn text not null,
  person_id text not null,
  choice text not null,
  subject_digest text not null,
  supersedes text references ballots (id),
  is_live boolean not null,
  cast_at timestamptz not null
);
create index ballots_case on ballots (case_id);
create index ballots_supersedes on ballots (supersedes);
create unique index ballots_one_live_per_person on ballots (case_id, person_id) where is_live;
create unique index ballots_one_live_per_function on ballots (case_id, fn) where is_live;

create function refuse_conflicted_ballot() returns trigger language plpgsql as $$
begin
  if new.is_live and exists (
    select 1 from case_conflicts c where c.case_id = new.case_id and c.person_id = new.person_id
  ) then
    raise exception 'CONFLICT_OF_INTEREST: % may not vote on %', new.person_id, new.case_id;
  end if;
  return null;
end $$;
create constraint trigger ballots_without_conflict after insert or update on ballots
  deferrable initially deferred for each row execute function refuse_conflicted_ballot();

create table decisions (
  id text primary key,
  case_id text not null unique references cases (id),
  outcome text not null check (outcome in ('approved', 'approved_with_conditions', 'rejected')),
  use_case_id text not null references use_cases (id),
  system_id text not null references systems (id),
  environment text not null,
  release text not null,
  not_before_at timestamptz not null,
  expires_at timestamptz not null,
  decided_at timestamptz not null,
  check (expires_at > not_before_at)
);
create index decisions_use_case on decisions (use_case_id);
create index decisions_system on decisions (system_id, environment, decided_at);

create table decision_revocations (
  decision_id text primary key references decisions (id),
  revoked_at timestamptz not null
);

create table conditions (
  id text primary key,
  decision_id text not null,
  use_case_id text not null references use_cases (id),
  phase text not null,
  state text not null,
  owner_id text not null,
  due_at timestamptz not null,
  attested_by text,
  check (attested_by is distinct from owner_id)
);
create index conditions_use_case on conditions (use_case_id);
create index conditions_decision on conditions (decision_id);

create table stops (
  id text primary key,
  scope text not null,
  target text not null,
  is_in_force boolean not null,
  reason_code text,
  since_at timestamptz,
  unique (scope, target)
);

create table overrides (
  id text primary key,
  deployment_id text not null references deployments (id),
  state text not null,
  requested_by text not null,
  seconded_by text,
  reviewed_by text,
  expires_at timestamptz,
  review_due_at timestamptz,
  check (seconded_by is distinct from requested_by),
  check (reviewed_by is null or (reviewed_by <> requested_by and reviewed_by is distinct from seconded_by))
);
create index overrides_deployment on overrides (deployment_id);

create table waivers (
  id text primary key,
  use_case_id text not null references use_cases (id),
  state text not null,
  requested_by text not null,
  accepted_by text[] not null default '{}',
  expires_at timestamptz,
  check (not requested_by = any (accepted_by))
);
create index waivers_use_case on waivers (use_case_id);

create table grants (
  jti text primary key,
  deployment_id text not null references deployments (id),
  token text not null,
  release text not null,
  epoch integer not null,
  basis text not null,
  authorization_state text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null
);
create index grants_deployment on grants (deployment_id, issued_at desc);

create table upstreams (
  id text primary key,
  name text not null unique,
  origin text not null,
  base_path text not null,
  region text not null,
  private_cidrs text[] not null default '{}',
  secret_sealed bytea,
  created_at timestamptz not null
);

-- One route a deployment; its id stands in the grant.
create table routes (
  id text primary key,
  deployment_id text not null unique references deployments (id)
);

create table route_models (
  route_id text not null references routes (id),
  alias text not null,
  model text not null,
  upstream_id text not null references upstreams (id),
  primary key (route_id, alias)
);
create index route_models_upstream on route_models (upstream_id);

create table gateway_keys (
  id text primary key,
  deployment_id text not null references deployments (id),
  agent text not null,
  secret_digest text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created_by text not null,
  created_at timestamptz not null
);
create index gateway_keys_deployment on gateway_keys (deployment_id);

create table gateway_batches (
  boot text not null,
  batch integer not null,
  root text not null,
  n integer not null,
  sealed_at timestamptz not null,
  primary key (boot, batch)
);

create table gateway_records (
  id text primary key,
  boot text not null,
  batch integer not null,
  position integer not null,
  at timestamptz not null,
  deployment_id text,
  action text not null,
  record jsonb not null,
  salt bytea not null
);
create index gateway_records_at on gateway_records (at desc, id);
create index gateway_records_deployment on gateway_records (deployment_id, at desc);

create table refusals (
  id text primary key,
  at timestamptz not null,
  actor text not null,
  command text not null,
  subject text not null,
  codes text[] not null
);
create index refusals_at on refusals (at desc, id);

-- Least privilege: decisions are facts, ballots change only from live to superseded.
grant select, insert on all tables in schema public to countersign_app;
grant update on use_cases, systems, deployments, reviews, checks, cases, conditions, stops, overrides, waivers, upstreams,
  gateway_keys to countersign_app;
grant update (is_live) on ballots to countersign_app;
grant delete on grants, route_models to countersign_app;
revoke update, delete, truncate on decisions, decision_revocations, case_conflicts, releases, gateway_batches,
  gateway_records, refusals from countersign_app;
