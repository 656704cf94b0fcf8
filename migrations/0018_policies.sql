-- Every published version of the documents by which decisions are made, shipped or the organisation's own (ADR 0013).
-- Commands read from here what is in force; the ledger holds the same documents.

create table policies (
  kind text not null check (kind in ('questionnaire', 'tier_policy', 'trigger_policy', 'legal_map', 'calendar')),
  key text not null,
  version integer not null check (version >= 1),
  digest text not null,
  -- The proposal that was ratified; null for what came with the product.
  proposal text unique,
  document jsonb not null,
  -- What people read of a questionnaire, which is no part of its digest.
  labels jsonb,
  published_at timestamptz not null,
  primary key (kind, key, version)
);

create view policies_in_force as
  select distinct on (kind) kind, key, version, digest, proposal from policies order by kind, version desc;

-- What is in force until the end of the transaction: publishing takes the same lock alone (`tx.lockStreams`). The rows
-- are read by a statement of their own after the lock, so that they are what the holder before has committed.
create function hold_policies() returns setof policies_in_force language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('policies', 0));
  return query select * from policies_in_force;
end $$;

-- What an earlier version has published.
insert into policies (kind, key, version, digest, document, published_at)
  select split_part(e.kind, '.', 1), f.facts ->> 'key', (f.facts ->> 'version')::integer, f.facts ->> 'digest',
    f.facts -> 'document', to_timestamp((f.facts ->> 'at')::float8 / 1000)
  from ledger.entry e join ledger.payload p on p.event_id = e.id, lateral (select p.facts::jsonb as facts) f
  where e.kind in ('questionnaire.published', 'tier_policy.published', 'trigger_policy.published',
    'legal_map.published', 'calendar.published');
update streams set state = state || '{"proposals": []}' where kind = 'publication' and not state ? 'proposals';

grant select, insert on policies to countersign_app;
grant select on policies_in_force to countersign_app;
