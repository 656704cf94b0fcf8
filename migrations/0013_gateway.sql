-- The gateway on PostgreSQL: what it reads, what it writes, and how it hears of a change.

-- A stop at any scope is one row with a counter of its own (ADR 0004).
alter table stops add column epoch integer not null default 0 check (epoch >= 0);

-- The epoch that a grant of a deployment must carry: its own counter and that of each target above it.
create view deployment_epochs as
select d.id as deployment_id, (d.epoch + coalesce(sum(s.epoch), 0))::bigint as epoch
from deployments d
cross join lateral (
  values ('deployment', d.id), ('system', d.system_id), ('use_case', d.use_case_id), ('installation', 'installation')
  union all
  select 'route', r.id from routes r where r.deployment_id = d.id
) as place (scope, target)
left join stops s on s.scope = place.scope and s.target = place.target
group by d.id;

-- Scope documents of grants, by the digest that the grant names.
create table grant_scopes (
  digest text primary key,
  scope jsonb not null
);

-- The name of an upstream is free again once it is disabled.
alter table upstreams add column disabled_at timestamptz;
alter table upstreams drop constraint upstreams_name_key;
create unique index upstreams_name on upstreams (name) where disabled_at is null;

alter table gateway_keys add column sources text[] not null default '{}';
alter table gateway_keys add constraint gateway_keys_lifetime
  check (expires_at > created_at and expires_at <= created_at + interval '2160 hours');
create index gateway_keys_page on gateway_keys (created_at, id);

alter table gateway_records add column key_id text;
alter table gateway_records add constraint gateway_records_place unique (boot, batch, position);
alter table gateway_records add constraint gateway_records_batch foreign key (boot, batch)
  references gateway_batches (boot, batch);
drop index gateway_records_at;
drop index gateway_records_deployment;
create index gateway_records_page on gateway_records (at, id);
create index gateway_records_deployment on gateway_records (deployment_id, at, id);
create index gateway_records_key on gateway_records (key_id, at, id);
create index gateway_batches_age on gateway_batches (sealed_at);

-- Retention takes whole batches, so that every record that is left can be proven; their roots stay for ever.
create function sweep_gateway_records(keep_days integer) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  swept bigint;
begin
  if keep_days < 184 then
    raise exception 'records of traffic are kept for at least 184 days, not %', keep_days
      using errcode = 'insufficient_privilege';
  end if;
  delete from gateway_records r
  using (
    select b.boot, b.batch from gateway_batches b
    where b.sealed_at < clock_timestamp() - make_interval(days => keep_days)
      and exists (select 1 from gateway_records e where e.boot = b.boot and e.batch = b.batch)
    order by b.sealed_at limit 200
  ) as due
  where r.boot = due.boot and r.batch = due.batch;
  get diagnostics swept = row_count;
  return swept;
end $$;
revoke execute on function sweep_gateway_records(integer) from public;

-- Whatever changes what the gateway decides by wakes it; what it then reads is the whole state.
create function notify_gateway() returns trigger language plpgsql as $$
begin
  perform pg_notify('countersign_gateway', '');
  return null;
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['grants', 'stops', 'gateway_keys', 'route_models', 'upstreams', 'deployments'] loop
    execute format('create trigger notify_gateway after insert or update or delete on %I
      for each statement execute function notify_gateway()', name);
  end loop;
end $$;

-- The one setting that the gateway reads.
create view trust_bundle as select value as bundle from settings where name = 'trust_bundle';

grant select, insert on grant_scopes to countersign_app;
grant select on deployment_epochs, trust_bundle to countersign_app, countersign_gateway;
grant execute on function sweep_gateway_records(integer) to countersign_app;

grant select (id, environment, desired) on deployments to countersign_gateway;
grant select (id, deployment_id) on routes to countersign_gateway;
grant select (route_id, alias, model, upstream_id) on route_models to countersign_gateway;
grant select (id, origin, base_path, region, private_cidrs, secret_sealed, disabled_at) on upstreams to countersign_gateway;
grant select (id, deployment_id, secret_digest, expires_at, revoked_at, sources) on gateway_keys to countersign_gateway;
grant select (deployment_id, token, issued_at, expires_at) on grants to countersign_gateway;
grant select on grant_scopes to countersign_gateway;
grant select (boot, batch, root), insert on gateway_batches to countersign_gateway;
grant insert on gateway_records to countersign_gateway;

-- The gateway seals its own traffic and nothing else: no other stream, no other kind of fact.
grant usage on schema ledger to countersign_gateway;
grant select (id, seq), insert on ledger.command to countersign_gateway;
grant insert on ledger.entry, ledger.payload, ledger.queue to countersign_gateway;
grant select, insert, update on streams to countersign_gateway;

alter table streams enable row level security;
create policy streams_app on streams to countersign_app using (true) with check (true);
create policy streams_gateway on streams to countersign_gateway
  using (starts_with(stream, 'gateway-boot/')) with check (starts_with(stream, 'gateway-boot/'));

alter table ledger.entry enable row level security;
create policy entry_app on ledger.entry to countersign_app, countersign_integrator using (true) with check (true);
create policy entry_gateway on ledger.entry for insert to countersign_gateway
  with check (starts_with(stream, 'gateway-boot/') and starts_with(kind, 'gateway.traffic.'));
