-- Records of traffic by week, what their lists filter by, and how many there are of what (ADR 0031).

-- What a record can be found by. UNTRUSTED: callers name models, so that a name counts by its first 128 characters.
create function traffic_marks(record jsonb) returns text[]
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct mark order by mark), '{}') from (
    select 'action:' || (record ->> 'action')
    union all select 'dialect:' || (record ->> 'dialect')
    union all select 'inspection:' || (record ->> 'inspection')
    union all select 'model:' || left(record ->> 'model', 128)
    union all select 'findings:' || case when coalesce(record -> 'findingCount', '0') = '0' then 'none' else 'some' end
    union all select 'severity:' || (record -> 'findings' -> 0 ->> 'severity')
    union all select 'code:' || left(code, 64) from jsonb_array_elements_text(
      case jsonb_typeof(record -> 'codes') when 'array' then record -> 'codes' else '[]' end) as code
    union all select 'kind:' || left(finding ->> 'kind', 64) from jsonb_array_elements(
      case jsonb_typeof(record -> 'findings') when 'array' then record -> 'findings' else '[]' end) as finding
  ) as marks (mark) where mark is not null
$$;

alter table gateway_records rename to gateway_records_before;
alter table gateway_records_before drop constraint gateway_records_place, drop constraint gateway_records_batch;
drop index gateway_records_page, gateway_records_deployment, gateway_records_key;

-- The key of a partition is part of what is unique in it. That a batch is written once, `gateway_batches` says.
create table gateway_records (
  id text not null,
  boot text not null,
  batch integer not null,
  position integer not null,
  at timestamptz not null,
  deployment_id text,
  key_id text,
  action text not null,
  record jsonb not null,
  salt bytea not null,
  marks text[] not null generated always as (public.traffic_marks(record)) stored,
  constraint gateway_records_id primary key (id, at),
  constraint gateway_records_place unique (boot, batch, position, at),
  constraint gateway_records_batch foreign key (boot, batch) references gateway_batches (boot, batch)
) partition by range (at);
create index gateway_records_page on gateway_records (at, id);
create index gateway_records_deployment on gateway_records (deployment_id, at, id);
create index gateway_records_key on gateway_records (key_id, at, id);
create index gateway_records_marks on gateway_records using gin (marks);

-- A record for whose week nobody has made a partition still has a place: the gateway depends on no worker.
create table gateway_records_rest partition of gateway_records default;

-- Makes the partition of the week, from Monday in UTC, in which an instant lies. Weeks of which the rest has rows stay there.
create function make_gateway_week(in_week timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
  monday timestamp := date_trunc('week', in_week at time zone 'UTC');
  first timestamptz := monday at time zone 'UTC';
  after timestamptz := (monday + interval '7 days') at time zone 'UTC';
  week text := 'gateway_records_w' || to_char(monday, 'YYYYMMDD');
begin
  if to_regclass(week) is not null
    or exists (select 1 from gateway_records_rest r where r.at >= first and r.at < after) then return false; end if;
  execute format('create table %I partition of gateway_records for values from (%L) to (%L)', week, first, after);
  return true;
end $$;
revoke execute on function make_gateway_week(timestamptz) from public;

-- Makes the partitions of this week and the two after it; returns how many were missing.
create function make_gateway_weeks() returns integer
  language sql security definer set search_path = public, pg_temp as $$
  select count(*) filter (where make_gateway_week(clock_timestamp() + make_interval(weeks => ahead)))::integer
  from generate_series(0, 2) as ahead
$$;
revoke execute on function make_gateway_weeks() from public;

-- How many calls of a deployment had which outcome and which kinds of findings, by the minute. One boot writes its batches
-- one after the other, so that no two writers meet in a row.
create table traffic_tallies (
  minute timestamptz not null,
  boot text not null,
  deployment_id text not null, -- empty: a key that nobody knows
  mark text not null,
  n bigint not null check (n > 0),
  primary key (minute, boot, deployment_id, mark)
);

create function tally_traffic() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into traffic_tallies as t (minute, boot, deployment_id, mark, n)
  select date_trunc('minute', r.at), r.boot, coalesce(r.deployment_id, ''), m.mark, count(*)
  from written r cross join unnest(r.marks) as m (mark)
  where m.mark like 'action:%' or m.mark like 'kind:%' or m.mark = 'findings:some'
  group by 1, 2, 3, 4
  on conflict (minute, boot, deployment_id, mark) do update set n = t.n + excluded.n;
  return null;
end $$;
revoke execute on function tally_traffic() from public;

select make_gateway_week(day) from (
  select distinct date_trunc('week', at at time zone 'UTC') at time zone 'UTC' as day from gateway_records_before
) as weeks order by day;
select make_gateway_weeks();
insert into gateway_records (id, boot, batch, position, at, deployment_id, key_id, action, record, salt)
  select id, boot, batch, position, at, deployment_id, key_id, action, record, salt from gateway_records_before;
drop table gateway_records_before;

create trigger tally_traffic after insert on gateway_records referencing new table as written
  for each statement execute function tally_traffic();

-- Whether a hold in force keeps a record of these instants.
create function holds_traffic(first timestamptz, after timestamptz) returns boolean
  language sql stable set search_path = public, pg_temp as $$
  select exists (select 1 from holds h where h.released_at is null and (h.subject = 'installation' or exists (
    select 1 from deployments d join gateway_records r on r.deployment_id = d.id
    where d.use_case_id = h.use_case_id and r.at >= first and r.at < after)))
$$;
revoke execute on function holds_traffic(timestamptz, timestamptz) from public;

-- Retention drops whole weeks, and of a week that a hold keeps from that it takes the batches that the hold does not concern.
-- INVARIANT: a batch goes whole or not at all, so that every record that is left can be proven. A batch is sealed within a
-- second, so it lies in two weeks at most, and a week goes a day late, so that its neighbours in such a batch are as old.
create or replace function sweep_gateway_records(keep_days integer) returns bigint
  language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
  due timestamptz := clock_timestamp() - make_interval(days => keep_days);
  -- The end of the last whole week that is due.
  edge timestamptz := date_trunc('week', (due - interval '1 day') at time zone 'UTC') at time zone 'UTC';
  week text;
  first timestamptz;
  after timestamptz;
  swept bigint := 0;
  n bigint;
begin
  if keep_days < 184 then
    raise exception 'records of traffic are kept for at least 184 days, not %', keep_days
      using errcode = 'insufficient_privilege';
  end if;
  delete from traffic_tallies where minute < clock_timestamp() - interval '8 days';
  for week in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'gateway_records'::regclass and c.relname like 'gateway\_records\_w%' order by c.relname
  loop
    first := to_date(right(week, 8), 'YYYYMMDD')::timestamp at time zone 'UTC';
    after := first + interval '7 days';
    exit when first >= edge;
    continue when holds_traffic(first - interval '1 day', after + interval '1 day');
    execute format('with gone as (delete from gateway_records r using %1$I w
        where r.boot = w.boot and r.batch = w.batch and r.at >= $1 and r.at < $2 and (r.at < $3 or r.at >= $4) returning 1)
      select (select count(*) from gone) + (select count(*) from %1$I)', week)
      into n using first - interval '1 day', after + interval '1 day', first, after;
    execute format('drop table %I', week);
    swept := swept + n;
  end loop;
  if swept > 0 then return swept; end if;
  delete from gateway_records r
  using (
    select e.boot, e.batch from (
      select boot, batch from gateway_records where at < edge
      union select boot, batch from gateway_records_rest where at < due
    ) as e join gateway_batches b on b.boot = e.boot and b.batch = e.batch
    where b.sealed_at < due and not exists (
      select 1 from holds h where h.released_at is null and (h.subject = 'installation' or h.use_case_id in (
        select d.use_case_id from gateway_records k join deployments d on d.id = k.deployment_id
        where k.boot = b.boot and k.batch = b.batch)))
    order by b.sealed_at limit 200
  ) as old
  where r.boot = old.boot and r.batch = old.batch;
  get diagnostics swept = row_count;
  return swept;
end $$;

grant select, insert on gateway_records to countersign_app;
grant insert on gateway_records to countersign_gateway;
grant select on traffic_tallies to countersign_app;
grant execute on function make_gateway_weeks() to countersign_app;
