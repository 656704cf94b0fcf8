-- An alias may have several targets: those after the first are used when the ones before give no answer. Each may serve
-- another declared model, which the grant must name too. Routes of before have one target at position 0.
alter table route_models add column position smallint not null default 0 check (position between 0 and 4);
alter table route_models add column declared_as text;
alter table route_models drop constraint route_models_pkey;
alter table route_models add primary key (route_id, alias, position);
grant select (position, declared_as) on route_models to countersign_gateway;

-- What a provider may be sent at most. For those of before the grant alone decides, as it did.
alter table upstreams add column ceiling text not null default 'restricted'
  check (ceiling in ('public', 'internal', 'confidential', 'restricted'));
-- The version that the older paths of Azure need; null: the paths that every vendor has.
alter table upstreams add column api_version text
  check (api_version is null or (api = 'azure' and api_version ~ '^\d{4}-\d{2}-\d{2}(-preview)?$'));
grant select (ceiling, api_version) on upstreams to countersign_gateway;
