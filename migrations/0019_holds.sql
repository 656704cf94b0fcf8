-- Legal holds, single texts that were taken away, and what the clock has ended.

create table holds (
  id text primary key,
  subject text not null check (subject in ('person', 'use_case', 'installation')),
  person_id text references people (id),
  use_case_id text references use_cases (id),
  placed_by text not null,
  placed_at timestamptz not null,
  released_by text,
  released_at timestamptz,
  check ((subject = 'person') = (person_id is not null)),
  check ((subject = 'use_case') = (use_case_id is not null)),
  check ((released_by is null) = (released_at is null)),
  check (released_by is distinct from placed_by and (released_by is null or released_by is distinct from person_id))
);
create index holds_person on holds (person_id);
create index holds_use_case on holds (use_case_id);
create index holds_in_force on holds (id) where released_at is null;

-- A hold of the person or of everything beats an erasure here as well. Holds of use cases are looked up by the command.
create function refuse_erasure_on_hold() returns trigger language plpgsql as $$
begin
  if exists (select 1 from holds h where h.released_at is null
      and (h.subject = 'installation' or h.person_id = new.id)) then
    raise exception 'ON_HOLD: % may not be erased', new.id;
  end if;
  return new;
end $$;
create trigger people_not_erased_on_hold before update on people
  for each row when (new.state = 'erased' and old.state <> 'erased') execute function refuse_erasure_on_hold();

-- Retention of traffic obeys holds too: a batch with a record of a held use case stays whole.
create or replace function sweep_gateway_records(keep_days integer) returns bigint
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
      and not exists (
        select 1 from holds h where h.released_at is null and (h.subject = 'installation' or h.use_case_id in (
          select d.use_case_id from gateway_records e join deployments d on d.id = e.deployment_id
          where e.boot = b.boot and e.batch = b.batch)))
    order by b.sealed_at limit 200
  ) as due
  where r.boot = due.boot and r.batch = due.batch;
  get diagnostics swept = row_count;
  return swept;
end $$;

create table redactions (
  entry_id text primary key,
  stream text not null,
  kind text not null,
  basis text not null,
  state text not null check (state in ('requested', 'redacted')),
  requested_by text not null,
  requested_at timestamptz not null,
  redacted_by text,
  redacted_at timestamptz,
  check ((state = 'redacted') = (redacted_by is not null) and (redacted_by is null) = (redacted_at is null)),
  check (redacted_by is distinct from requested_by)
);
create index redactions_page on redactions (requested_at desc, entry_id desc);

-- Whose texts an erasure must find.
create index command_actor on ledger.command (actor);

-- The newest reminder of what is going to end, and whether its end was recorded.
create table expiries (
  id text primary key,
  kind text not null check (kind in ('decision', 'waiver', 'condition', 'tier_override')),
  ends_at timestamptz not null,
  days_left smallint,
  is_over boolean not null
);
create index decisions_expiry on decisions (expires_at);
create index waivers_expiry on waivers (expires_at);
create index streams_lowered_tier on streams (((state -> 'down' ->> 'expiresAt')::bigint)) where kind = 'useCase';

grant select, insert, update on holds, redactions, expiries to countersign_app;
