-- Canary tokens (ADR 0039). Of a token there is its digest under a key that the processes hold, never the token.

create table canaries (
  id text primary key,
  deployment_id text not null references deployments (id),
  place text not null check (place in ('deployment', 'system_prompt', 'document')),
  label text not null check (label ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  digest text not null unique check (digest ~ '^sha256:[0-9a-f]{64}$'),
  issued_by text not null,
  issued_at timestamptz not null,
  retired_at timestamptz
);
create index canaries_deployment on canaries (deployment_id, id);
create trigger notify_gateway after insert or update or delete on canaries
  for each statement execute function notify_gateway();

-- Where a canary was seen out of its place, by the deployment in whose traffic it was.
create table canary_sightings (
  canary_id text not null references canaries (id),
  deployment_id text not null references deployments (id),
  first_record_id text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  calls bigint not null check (calls > 0),
  -- Whether the ledger says it.
  is_recorded boolean not null default false,
  primary key (canary_id, deployment_id)
);
create index canary_sightings_deployment on canary_sightings (deployment_id);
create index canary_sightings_open on canary_sightings (first_at) where not is_recorded;

-- Takes sightings out of the records of a batch. Its findings name canaries that the snapshot had; others are left out.
create function note_canaries() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into canary_sightings as s (canary_id, deployment_id, first_record_id, first_at, last_at, calls)
    select c.id, w.deployment_id, (array_agg(w.id order by w.at, w.id))[1], min(w.at), max(w.at), count(distinct w.id)
    from written w cross join lateral jsonb_array_elements(
      case when w.marks @> '{kind:canary}' then w.record -> 'findings' else '[]' end) as f (finding)
      join canaries c on c.id = f.finding ->> 'canary'
      join deployments d on d.id = w.deployment_id
    group by c.id, w.deployment_id
    order by c.id, w.deployment_id
    on conflict (canary_id, deployment_id) do update
      set calls = s.calls + excluded.calls, last_at = greatest(s.last_at, excluded.last_at);
  return null;
end $$;
revoke execute on function note_canaries() from public;
create trigger note_canaries after insert on gateway_records referencing new table as written
  for each statement execute function note_canaries();

grant select, insert, update on canaries to countersign_app;
grant select on canary_sightings to countersign_app;
grant update (is_recorded) on canary_sightings to countersign_app;
grant select (id, deployment_id, place, digest, retired_at) on canaries to countersign_gateway;
