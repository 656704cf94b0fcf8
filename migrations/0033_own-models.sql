-- Models and prices that an operator describes, in place of those of the shipped catalogue.

create table own_models (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9-]{0,63}/'),
  entry jsonb not null,
  set_by text not null,
  set_at timestamptz not null
);
create trigger notify_gateway after insert or update or delete on own_models
  for each statement execute function notify_gateway();

grant select, insert, update, delete on own_models to countersign_app;
grant select (name, entry) on own_models to countersign_gateway;
