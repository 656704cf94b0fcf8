-- Definitions of tools as gateways have seen them. They are texts of whoever wrote the tools: bounded, and shown as data only.

create table tool_definitions (
  digest text primary key,
  definition jsonb not null check (octet_length(definition::text) <= 131072),
  first_seen_at timestamptz not null
);

create table tool_sightings (
  deployment_id text not null references deployments (id),
  tool_id text not null check (length(tool_id) between 1 and 300),
  -- Empty: what was seen could not be read as a definition.
  digest text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (deployment_id, tool_id, digest)
);
create index tool_sightings_digest on tool_sightings (digest);
create index tool_sightings_last on tool_sightings (last_seen_at);

-- Takes in what a gateway has seen. Of one tool of a deployment the eight newest definitions are kept, and of a deployment
-- five hundred tools: callers and servers can make up as many as they like. What a release pins is always kept.
create function see_tools(seen jsonb) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  item record;
  is_pinned boolean;
  gone text[];
begin
  for item in
    select s.deployment, left(s.tool, 300) as tool, coalesce(s.digest, '') as digest, s.definition,
      least(to_timestamp(s.at / 1000.0), clock_timestamp()) as at
    from jsonb_to_recordset(seen) as s (deployment text, tool text, digest text, definition jsonb, at float8)
    join deployments d on d.id = s.deployment
    where s.tool <> ''
    order by s.deployment, s.tool, s.digest limit 512
  loop
    is_pinned := exists (
      select 1 from deployments d join releases r on r.digest = d.desired
      where d.id = item.deployment and r.manifest -> 'tools' @> jsonb_build_array(jsonb_build_object('toolId', item.tool)));
    continue when not is_pinned and not exists (
      select 1 from tool_sightings t where t.deployment_id = item.deployment and t.tool_id = item.tool)
      and (select count(distinct t.tool_id) from tool_sightings t where t.deployment_id = item.deployment) >= 500;
    if item.digest <> '' and item.definition is not null and octet_length(item.definition::text) <= 131072 then
      insert into tool_definitions (digest, definition, first_seen_at) values (item.digest, item.definition, item.at)
        on conflict (digest) do nothing;
    end if;
    insert into tool_sightings as t (deployment_id, tool_id, digest, first_seen_at, last_seen_at)
      values (item.deployment, item.tool, item.digest, item.at, item.at)
      on conflict (deployment_id, tool_id, digest) do update
        set last_seen_at = greatest(t.last_seen_at, excluded.last_seen_at);
    with old as (
      delete from tool_sightings t where (t.deployment_id, t.tool_id) = (item.deployment, item.tool) and t.digest in (
        select o.digest from tool_sightings o where (o.deployment_id, o.tool_id) = (item.deployment, item.tool)
          and not exists (select 1 from releases r where r.manifest -> 'tools'
            @> jsonb_build_array(jsonb_build_object('toolId', o.tool_id, 'definitionSha256', o.digest)))
        order by o.last_seen_at desc, o.digest offset 8)
      returning digest)
    select array_agg(digest) into gone from old;
    delete from tool_definitions f where f.digest = any(gone)
      and not exists (select 1 from tool_sightings t where t.digest = f.digest);
  end loop;
end $$;
revoke execute on function see_tools(jsonb) from public;

grant select on tool_definitions, tool_sightings to countersign_app;
grant execute on function see_tools(jsonb) to countersign_gateway;
