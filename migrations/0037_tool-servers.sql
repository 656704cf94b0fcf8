-- Tool servers of a route, by the name that the tools of its releases give them. An upstream of api `mcp` serves no model.
alter table upstreams drop constraint upstreams_api_check;
alter table upstreams add constraint upstreams_api_check check (api in ('openai', 'azure', 'anthropic', 'mcp'));

create table route_servers (
  route_id text not null references routes (id),
  server text not null check (server ~ '^[a-z0-9](-?[a-z0-9]){0,39}$'),
  upstream_id text not null references upstreams (id),
  primary key (route_id, server)
);
create index route_servers_upstream on route_servers (upstream_id);
create trigger notify_gateway after insert or update or delete on route_servers
  for each statement execute function notify_gateway();

grant select, insert, delete on route_servers to countersign_app;
grant select on route_servers to countersign_gateway;
