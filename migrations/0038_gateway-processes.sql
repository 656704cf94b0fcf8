-- Several gateways beside each other (ADR 0037): which of them live, and what tier 3 has let go upstream.

-- One row for each gateway process that has been heard of lately. The wall clock of the database decides.
create table gateway_processes (
  worker text primary key check (length(worker) between 1 and 64),
  started_at timestamptz not null,
  seen_at timestamptz not null
);

-- A gateway says that it lives, and learns how many do, itself included. Who was not heard of for 30 seconds is not counted.
create function gateway_beat(worker_name text) returns integer
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  at timestamptz := clock_timestamp();
begin
  insert into gateway_processes as p (worker, started_at, seen_at) values (worker_name, at, at)
    on conflict (worker) do update set seen_at = greatest(p.seen_at, excluded.seen_at);
  delete from gateway_processes p where p.seen_at < at - interval '1 day';
  return (select count(*) from gateway_processes p where p.seen_at > at - interval '30 seconds');
end $$;
revoke execute on function gateway_beat(text) from public;

-- A gateway that ends in good order is not counted any more.
create function gateway_leave(worker_name text) returns void
  language sql security definer set search_path = public, pg_temp as $$
  delete from gateway_processes p where p.worker = worker_name
$$;
revoke execute on function gateway_leave(text) from public;

-- Calls of tier 3, before they go upstream. What became of each stands in gateway_records under the same id; one without that
-- was cut off together with its gateway.
create table gateway_admissions (
  id text primary key,
  boot text not null,
  at timestamptz not null,
  deployment_id text not null,
  record jsonb not null,
  salt bytea not null
);
create index gateway_admissions_at on gateway_admissions (at);

-- Kept as long as records of traffic are, and under the same holds.
create function sweep_gateway_admissions(keep_days integer) returns bigint
  language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
  swept bigint;
begin
  if keep_days < 184 then
    raise exception 'records of traffic are kept for at least 184 days, not %', keep_days
      using errcode = 'insufficient_privilege';
  end if;
  delete from gateway_admissions a
  where a.at < clock_timestamp() - make_interval(days => keep_days) and not exists (
    select 1 from holds h where h.released_at is null and (h.subject = 'installation' or h.use_case_id in (
      select d.use_case_id from deployments d where d.id = a.deployment_id)));
  get diagnostics swept = row_count;
  return swept;
end $$;
revoke execute on function sweep_gateway_admissions(integer) from public;

grant select on gateway_processes, gateway_admissions to countersign_app;
grant insert on gateway_admissions to countersign_gateway;
grant execute on function gateway_beat(text), gateway_leave(text) to countersign_gateway;
grant execute on function sweep_gateway_admissions(integer) to countersign_app;
-- A gateway that migrates nothing itself looks whether it fits.
grant select on schema_migrations to countersign_gateway;
