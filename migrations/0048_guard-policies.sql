-- Versions of the guard policy, what analysts say of findings, and how often what was found.

create table guard_policies (
  version integer primary key check (version > 0),
  stage text not null check (stage in ('draft', 'shadow', 'active', 'retired')),
  policy jsonb not null,
  digest text unique,
  -- The detectors for which the effect was computed, and what came out.
  ground text,
  effect jsonb,
  drafted_by text not null,
  drafted_at timestamptz not null,
  shadowed_by text,
  shadowed_at timestamptz,
  activated_by text,
  activated_at timestamptz,
  strictness text check (strictness in ('not_weaker', 'weaker', 'incomparable')),
  retired_at timestamptz,
  replaced_by integer references guard_policies (version),
  check ((stage = 'draft') = (digest is null)),
  check (stage <> 'active' or activated_at is not null),
  check (stage <> 'retired' or retired_at is not null),
  -- What is weaker takes two persons, and stood in shadow before.
  check (activated_by is null or strictness = 'not_weaker'
    or (shadowed_at is not null and activated_by not in (drafted_by, shadowed_by)))
);
create unique index guard_policies_draft on guard_policies ((true)) where stage = 'draft';
create unique index guard_policies_shadow on guard_policies ((true)) where stage = 'shadow';
create unique index guard_policies_active on guard_policies ((true)) where stage = 'active';
create index guard_policies_replaced on guard_policies (replaced_by);

create function keep_guard_policy() returns trigger language plpgsql as $$
begin
  if old.digest is not null and (new.policy, new.digest, new.drafted_by, new.shadowed_by, new.shadowed_at)
    is distinct from (old.policy, old.digest, old.drafted_by, old.shadowed_by, old.shadowed_at) then
    raise exception 'a guard policy that was published never changes' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger keep_guard_policy before update on guard_policies for each row execute function keep_guard_policy();
create trigger notify_gateway after insert or update or delete on guard_policies
  for each statement execute function notify_gateway();

-- Texts that pass at a deployment, as long as the version in force says so and their time is not over.
create table guard_allowances (
  deployment_id text not null references deployments (id),
  channel text not null,
  rule text not null,
  "window" text not null,
  until_at timestamptz not null,
  version integer not null references guard_policies (version),
  primary key (deployment_id, channel, rule, "window")
);
create index guard_allowances_until on guard_allowances (until_at);
create index guard_allowances_version on guard_allowances (version);

-- What an analyst says of a finding of a record; the latest word counts. The record itself may be swept before.
create table guard_feedback (
  record_id text not null,
  finding integer not null check (finding >= 0),
  deployment_id text not null references deployments (id),
  rule text not null,
  kind text not null,
  channel text not null,
  "window" text,
  z_milli integer,
  mark text not null check (mark in ('true_positive', 'false_positive', 'benign_in_context')),
  reason text not null,
  marked_by text not null,
  marked_at timestamptz not null,
  primary key (record_id, finding)
);
create index guard_feedback_group on guard_feedback (deployment_id, rule, channel, "window", marked_at);

create table guard_models (
  digest text primary key,
  header jsonb not null,
  registered_at timestamptz not null
);

grant select, insert, update on guard_policies, guard_allowances, guard_feedback to countersign_app;
grant delete on guard_policies, guard_allowances to countersign_app;
grant select, insert on guard_models to countersign_app;
grant select (version, stage, digest, policy) on guard_policies to countersign_gateway;

-- How often which rule found something, by the hour; without a rule: how many calls were inspected.
create table guard_hits (
  hour timestamptz not null,
  boot text not null,
  deployment_id text not null,
  rule text not null,
  channel text not null,
  effect text not null,
  n bigint not null check (n > 0),
  primary key (hour, deployment_id, rule, channel, effect, boot)
);

-- How often the version in shadow was read beside calls (without a rule), and how often it would have said something else.
create table guard_shadow_tallies (
  boot text not null,
  digest text not null,
  deployment_id text not null,
  rule text not null,
  channel text not null,
  outcome text not null,
  shadow_outcome text not null,
  n bigint not null check (n > 0),
  last_at timestamptz not null,
  last_record text not null,
  primary key (digest, deployment_id, rule, channel, outcome, shadow_outcome, boot)
);

-- One boot writes its batches one after the other, so that no two writers meet in a row.
create function tally_guard() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into guard_hits as t (hour, boot, deployment_id, rule, channel, effect, n)
  select date_trunc('hour', r.at), r.boot, r.deployment_id, f.rule, f.channel, f.effect, count(*)
  from written r cross join lateral (
    select '' as rule, '' as channel, '' as effect
    union all
    select left(item ->> 'rule', 80), item ->> 'channel', item ->> 'effect'
    from jsonb_array_elements(r.record -> 'findings') as item
  ) as f
  where r.deployment_id is not null and r.record ->> 'inspection' <> 'none'
  group by 1, 2, 3, 4, 5, 6
  on conflict (hour, deployment_id, rule, channel, effect, boot) do update set n = t.n + excluded.n;

  insert into guard_shadow_tallies as t
    (boot, digest, deployment_id, rule, channel, outcome, shadow_outcome, n, last_at, last_record)
  select r.boot, r.record -> 'guardShadow' ->> 'policy', r.deployment_id, d.rule, d.channel, d.outcome, d.shadow,
    count(*), max(r.at), max(r.id)
  from written r cross join lateral (
    select '' as rule, '' as channel, '' as outcome, '' as shadow
    union all
    select left(item ->> 'rule', 80), item ->> 'channel', item ->> 'outcome', item ->> 'shadowOutcome'
    from jsonb_array_elements(r.record -> 'guardShadow' -> 'differences') as item
  ) as d
  where r.deployment_id is not null and r.record ? 'guardShadow'
  group by 1, 2, 3, 4, 5, 6, 7
  on conflict (digest, deployment_id, rule, channel, outcome, shadow_outcome, boot) do update
    set n = t.n + excluded.n, last_at = greatest(t.last_at, excluded.last_at),
      last_record = greatest(t.last_record, excluded.last_record);
  return null;
end $$;
revoke execute on function tally_guard() from public;
create trigger tally_guard after insert on gateway_records referencing new table as written
  for each statement execute function tally_guard();

-- Counts stay as long as the records that they count.
create function sweep_guard_hits(keep_days integer) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  swept bigint;
begin
  if keep_days < 184 then
    raise exception 'what was found is counted for at least 184 days, not %', keep_days
      using errcode = 'insufficient_privilege';
  end if;
  delete from guard_hits where hour < clock_timestamp() - make_interval(days => keep_days);
  get diagnostics swept = row_count;
  return swept;
end $$;
revoke execute on function sweep_guard_hits(integer) from public;
grant select on guard_hits, guard_shadow_tallies to countersign_app;
grant execute on function sweep_guard_hits(integer) to countersign_app;
