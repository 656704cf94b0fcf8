-- In what languages requests are: those that the scorer knows, and others, in which it decides nothing.

create table guard_languages (
  hour timestamptz not null,
  boot text not null,
  deployment_id text not null,
  supported bigint not null check (supported >= 0),
  advisory bigint not null check (advisory >= 0),
  primary key (hour, deployment_id, boot)
);

-- One boot writes its batches one after the other, so that no two writers meet in a row.
create or replace function tally_guard() returns trigger
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

  insert into guard_languages as t (hour, boot, deployment_id, supported, advisory)
  select date_trunc('hour', r.at), r.boot, r.deployment_id, sum((r.record -> 'languages' ->> 'supported')::bigint),
    sum((r.record -> 'languages' ->> 'advisory')::bigint)
  from written r where r.deployment_id is not null and r.record ? 'languages'
  group by 1, 2, 3
  on conflict (hour, deployment_id, boot) do update
    set supported = t.supported + excluded.supported, advisory = t.advisory + excluded.advisory;
  return null;
end $$;

-- Counts stay as long as the records that they count.
create or replace function sweep_guard_hits(keep_days integer) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  swept bigint;
begin
  if keep_days < 184 then
    raise exception 'what was found is counted for at least 184 days, not %', keep_days
      using errcode = 'insufficient_privilege';
  end if;
  delete from guard_languages where hour < clock_timestamp() - make_interval(days => keep_days);
  delete from guard_hits where hour < clock_timestamp() - make_interval(days => keep_days);
  get diagnostics swept = row_count;
  return swept;
end $$;

grant select on guard_languages to countersign_app;
