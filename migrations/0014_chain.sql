-- What intake compares and searches by, the grants' due dates, and the marks that tell the issuer what has changed.

alter table use_cases
  add column domain text,
  add column provider text,
  add column model_id text,
  add column tool_ids text[] not null default '{}';
create index use_cases_title on use_cases using gin (to_tsvector('simple', title));
create index use_cases_model on use_cases (provider, model_id);
create index use_cases_owners on use_cases (business_owner_id, technical_owner_id);
create index use_cases_updated on use_cases (updated_at desc, id desc);

create index cases_state on cases (state, deadline_at);
create index cases_release on cases (system_id, environment, release);
create index conditions_due on conditions (due_at) where state = 'open';

-- When the issuer must look at a deployment again without anything having changed. Kept by the issuer alone.
create table grant_due (
  deployment_id text primary key references deployments (id),
  due_at timestamptz not null
);
create index grant_due_at on grant_due (due_at);

-- What has changed since the issuer last looked. Triggers write it, so that no command can forget to.
create table grant_marks (
  id bigint generated always as identity primary key,
  scope text not null check (scope in ('route', 'deployment', 'system', 'use_case', 'installation')),
  target text not null
);

create function mark_grants() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  case tg_table_name
    when 'use_cases' then insert into grant_marks (scope, target) values ('use_case', new.id);
    when 'systems' then insert into grant_marks (scope, target) values ('system', new.id);
    when 'deployments' then insert into grant_marks (scope, target) values ('deployment', new.id);
    when 'stops' then insert into grant_marks (scope, target) values (new.scope, new.target);
    when 'overrides' then insert into grant_marks (scope, target) values ('deployment', new.deployment_id);
    when 'decisions' then insert into grant_marks (scope, target) values ('system', new.system_id);
    when 'decision_revocations' then
      insert into grant_marks (scope, target)
        select 'system', d.system_id from decisions d where d.id = new.decision_id;
    when 'conditions' then insert into grant_marks (scope, target) values ('use_case', new.use_case_id);
    when 'waivers' then insert into grant_marks (scope, target) values ('use_case', new.use_case_id);
    when 'checks' then
      insert into grant_marks (scope, target)
        select 'system', r.system_id from releases r where r.digest = new.release;
    when 'reviews' then
      insert into grant_marks (scope, target)
        select 'use_case', u.id from use_cases u where u.id = new.use_case_id;
  end case;
  return null;
end $$;

alter table reviews add column use_case_id text references use_cases (id);
create index reviews_use_case on reviews (use_case_id);

do $$
declare
  name text;
begin
  foreach name in array array['use_cases', 'systems', 'deployments', 'stops', 'overrides', 'decisions',
    'decision_revocations', 'conditions', 'waivers', 'checks', 'reviews'] loop
    execute format('create trigger mark_grants after insert or update on %I
      for each row execute function mark_grants()', name);
  end loop;
end $$;

-- Renewals of a grant are no entries of their own; each hour their Merkle root is one.
create table grant_renewals (
  jti text primary key,
  deployment_id text not null references deployments (id),
  leaf text not null,
  issued_at timestamptz not null,
  batched boolean not null default false
);
create index grant_renewals_open on grant_renewals (issued_at) where not batched;
create index grant_renewals_deployment on grant_renewals (deployment_id);

-- Receipts of the CI gate, by digest; the receipt itself goes to the caller.
create table gate_evaluations (
  id text primary key,
  at timestamptz not null,
  deployment_id text not null references deployments (id),
  release text,
  environment text not null,
  verdict text not null,
  codes text[] not null,
  commit_ref text,
  actor text not null,
  receipt_digest text not null
);
create index gate_evaluations_deployment on gate_evaluations (deployment_id, at desc);

grant select, insert, update, delete on grant_due to countersign_app;
grant select, delete on grant_marks to countersign_app;
grant select, insert on grant_renewals, gate_evaluations to countersign_app;
grant update (batched) on grant_renewals to countersign_app;
