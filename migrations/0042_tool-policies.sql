-- Policies about tools that an organisation writes itself, and what it says of single tools.

create table tool_policies (
  key text not null check (key ~ '^[a-z0-9](-?[a-z0-9]){0,39}$'),
  version integer not null check (version > 0),
  stage text not null check (stage in ('draft', 'shadow', 'active', 'retired')),
  text text not null,
  args text not null,
  digest text unique,
  policies jsonb,
  engine text,
  drafted_by text not null,
  drafted_at timestamptz not null,
  published_by text,
  published_at timestamptz,
  activated_by text check (activated_by not in (drafted_by, published_by)),
  activated_at timestamptz,
  retired_at timestamptz,
  primary key (key, version),
  check ((stage = 'draft') = (digest is null)),
  check ((digest is null) = (policies is null) and (digest is null) = (published_at is null)),
  check (stage <> 'active' or activated_at is not null)
);
create unique index tool_policies_draft on tool_policies (key) where stage = 'draft';
create index tool_policies_shadow on tool_policies (digest) where stage = 'shadow';

-- What is published never changes, and never becomes a draft again.
create function keep_tool_policy() returns trigger language plpgsql as $$
begin
  if old.digest is not null and (new.text, new.args, new.digest, new.policies, new.engine, new.published_at)
    is distinct from (old.text, old.args, old.digest, old.policies, old.engine, old.published_at) then
    raise exception 'a published policy never changes' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger keep_tool_policy before update on tool_policies for each row execute function keep_tool_policy();
create trigger notify_gateway after insert or update or delete on tool_policies
  for each statement execute function notify_gateway();

-- What is said of a tool holds for one definition of it.
create table tool_registrations (
  tool_id text not null,
  definition text not null,
  terms jsonb not null,
  proposed jsonb,
  proposed_by text,
  set_by text not null,
  set_at timestamptz not null,
  primary key (tool_id, definition),
  check ((proposed is null) = (proposed_by is null))
);
create trigger notify_gateway after insert or update or delete on tool_registrations
  for each statement execute function notify_gateway();

grant select, insert, update on tool_policies, tool_registrations to countersign_app;
grant delete on tool_policies to countersign_app;
grant select (key, version, stage, digest, policies) on tool_policies to countersign_gateway;
grant select (tool_id, definition, terms) on tool_registrations to countersign_gateway;

-- How often versions in shadow were decided beside live calls, and how often they differed: by deployment, tool and outcomes.
create table shadow_tallies (
  boot text not null,
  digest text not null,
  deployment_id text not null,
  tool_id text not null,
  outcome text not null,
  shadow_outcome text not null,
  n bigint not null check (n > 0),
  last_at timestamptz not null,
  last_record text not null,
  primary key (digest, deployment_id, tool_id, outcome, shadow_outcome, boot)
);

create function tally_shadows() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into shadow_tallies as t (boot, digest, deployment_id, tool_id, outcome, shadow_outcome, n, last_at, last_record)
  select r.boot, s ->> 'policy', r.deployment_id, left(c ->> 'tool', 200), c ->> 'outcome', s ->> 'outcome',
    count(*), max(r.at), max(r.id)
  from written r cross join jsonb_array_elements(r.record -> 'tools') as c
    cross join jsonb_array_elements(c -> 'shadows') as s
  where r.record ? 'tools' and c ? 'shadows' and r.deployment_id is not null
  group by 1, 2, 3, 4, 5, 6
  on conflict (digest, deployment_id, tool_id, outcome, shadow_outcome, boot) do update
    set n = t.n + excluded.n, last_at = greatest(t.last_at, excluded.last_at),
      last_record = greatest(t.last_record, excluded.last_record);
  return null;
end $$;
revoke execute on function tally_shadows() from public;
create trigger tally_shadows after insert on gateway_records referencing new table as written
  for each statement execute function tally_shadows();
grant select on shadow_tallies to countersign_app;
