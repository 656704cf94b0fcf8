-- Content of calls: kept only where a route says so, sealed, and gone after its days. No text of a call stands anywhere else.

create table route_content (
  route_id text primary key references routes (id),
  days integer not null check (days between 1 and 365),
  set_by text not null,
  set_at timestamptz not null
);
create trigger notify_gateway after insert or update or delete on route_content
  for each statement execute function notify_gateway();

-- One key for everything of a deployment that goes on the same day, sealed under one that the database never sees.
-- Deleting it is what erases the content, wherever copies of the rows are.
create table content_keys (
  deployment_id text not null references deployments (id),
  expires_on date not null,
  sealed_key bytea not null check (length(sealed_key) between 32 and 256),
  primary key (deployment_id, expires_on)
);
create index content_keys_expiry on content_keys (expires_on);

create table gateway_content (
  record_id text not null,
  side text not null check (side in ('input', 'output')),
  deployment_id text not null,
  expires_on date not null,
  sealed bytea not null check (length(sealed) between 28 and 1048576),
  omitted_bytes bigint not null check (omitted_bytes >= 0),
  primary key (record_id, side, expires_on)
) partition by range (expires_on);

-- What comes on a day for which no partition could be made still has a place: the gateway waits for nobody.
create table gateway_content_rest partition of gateway_content default;

-- Makes the partition of a day unless it is there, or the rest has rows of that day already.
create function make_content_day(of_day date) returns void
  language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '1s' as $$
declare
  day_table text := 'gateway_content_d' || to_char(of_day, 'YYYYMMDD');
begin
  if to_regclass(day_table) is not null
    or exists (select 1 from gateway_content_rest r where r.expires_on = of_day) then return; end if;
  execute format('create table %I partition of gateway_content for values from (%L) to (%L)', day_table, of_day, of_day + 1);
exception when lock_not_available or duplicate_table then
  return; -- another process makes it, or somebody reads for long: the rest takes the rows
end $$;
revoke execute on function make_content_day(date) from public;

-- The sealed key of a deployment and a day: the one that is offered when there is none yet.
create function content_key(of_deployment text, of_day date, offered bytea) returns bytea
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if of_day <= (clock_timestamp() at time zone 'UTC')::date or of_day > (clock_timestamp() at time zone 'UTC')::date + 367 then
    raise exception 'content is kept for one day to a year' using errcode = 'invalid_parameter_value';
  end if;
  perform make_content_day(of_day);
  insert into content_keys (deployment_id, expires_on, sealed_key) values (of_deployment, of_day, offered)
    on conflict do nothing;
  return (select k.sealed_key from content_keys k where k.deployment_id = of_deployment and k.expires_on = of_day);
end $$;
revoke execute on function content_key(text, date, bytea) from public;

-- Erases what has run out, unless a hold in force concerns its deployment: first the keys, then whole days, then what is left.
create function sweep_gateway_content() returns bigint
  language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
  today date := (clock_timestamp() at time zone 'UTC')::date;
  day_table text;
  day date;
  erased bigint;
begin
  delete from content_keys k using deployments d
  where k.expires_on <= today and d.id = k.deployment_id and not exists (
    select 1 from holds h where h.released_at is null
      and (h.subject = 'installation' or h.use_case_id = d.use_case_id));
  get diagnostics erased = row_count;
  for day_table in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'gateway_content'::regclass and c.relname ~ '^gateway_content_d[0-9]{8}$' order by c.relname
  loop
    day := to_date(right(day_table, 8), 'YYYYMMDD');
    continue when day > today or exists (select 1 from content_keys k where k.expires_on = day);
    execute format('drop table %I', day_table);
  end loop;
  delete from gateway_content c where c.expires_on <= today and not exists (
    select 1 from content_keys k where k.deployment_id = c.deployment_id and k.expires_on = c.expires_on);
  return erased;
end $$;
revoke execute on function sweep_gateway_content() from public;

grant select, insert, update, delete on route_content to countersign_app;
grant select on content_keys, gateway_content to countersign_app;
grant execute on function sweep_gateway_content() to countersign_app;
grant select on route_content to countersign_gateway;
grant insert on gateway_content to countersign_gateway;
grant execute on function content_key(text, date, bytea) to countersign_gateway;
