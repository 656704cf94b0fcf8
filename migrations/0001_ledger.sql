-- Roles: the owner migrates; the application, the integrator and the gateway each get what they need and no more.
do $$
declare
  name text;
begin
  foreach name in array array['countersign_app', 'countersign_integrator', 'countersign_gateway'] loop
    if not exists (select 1 from pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin', name);
      exception when duplicate_object or unique_violation then
        null; -- another database of the same server was migrated at this moment
      end;
    end if;
    if not pg_has_role(current_user, name, 'member') then
      execute format('grant %I to current_user', name);
    end if;
  end loop;
end $$;

create schema ledger;

-- One row: the head of the log. `epoch` rises with each integrator that takes the lead.
create table ledger.log (
  id integer primary key default 1 check (id = 1),
  origin text not null,
  size bigint not null check (size >= 0),
  root bytea not null,
  edge bytea[] not null,
  note text,
  epoch bigint not null default 0
);

create table ledger.command (
  seq bigint generated always as identity (cache 1) primary key,
  id text not null unique,
  actor text not null,
  at timestamptz not null
);

create table ledger.entry (
  id text primary key,
  seq bigint not null references ledger.command (seq),
  part integer not null check (part >= 1),
  parts integer not null check (parts >= part),
  stream text not null,
  rev bigint not null check (rev >= 1),
  kind text not null,
  leaf bytea not null check (length(leaf) <= 4096),
  constraint entry_stream_rev unique (stream, rev),
  unique (seq, part)
);

-- What the leaf commits to. Canonical JSON as text, since the bytes matter. Erasing nulls the personal half.
create table ledger.payload (
  event_id text primary key references ledger.entry (id),
  facts text not null,
  facts_key bytea not null check (length(facts_key) = 32),
  personal text,
  personal_key bytea check (length(personal_key) = 32),
  check ((personal is null) = (personal_key is null))
);

-- Presence here, and no watermark, says what is still to be integrated.
create table ledger.queue (
  seq bigint primary key references ledger.command (seq)
);

create table ledger.leaf (
  index bigint primary key check (index >= 0),
  event_id text not null unique references ledger.entry (id),
  hash bytea not null check (length(hash) = 32)
);

-- Full subtrees of height 8, 16, 24 ...: what proofs need beside the leaves.
create table ledger.node (
  level integer not null check (level > 0 and level % 8 = 0),
  index bigint not null check (index >= 0),
  hash bytea not null check (length(hash) = 32),
  primary key (level, index)
);

create table ledger.checkpoint (
  size bigint primary key,
  note text not null,
  published_at timestamptz not null default clock_timestamp()
);

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger.% holds facts: % is refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;

create function ledger.only_erase() returns trigger language plpgsql as $$
begin
  if new.event_id = old.event_id and new.facts = old.facts and new.facts_key = old.facts_key
    and new.personal is null and new.personal_key is null then
    return new;
  end if;
  raise exception 'ledger.payload changes only by erasure' using errcode = 'insufficient_privilege';
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['command', 'entry', 'leaf', 'node', 'checkpoint'] loop
    execute format('create trigger no_change before update or delete on ledger.%I
      for each row execute function ledger.refuse_change()', name);
  end loop;
  foreach name in array array['command', 'entry', 'payload', 'leaf', 'node', 'checkpoint'] loop
    execute format('create trigger no_truncate before truncate on ledger.%I
      for each statement execute function ledger.refuse_change()', name);
  end loop;
end $$;
create trigger only_erase before update on ledger.payload for each row execute function ledger.only_erase();
create trigger no_delete before delete on ledger.payload for each row execute function ledger.refuse_change();

grant usage on schema ledger to countersign_app, countersign_integrator;
grant select on all tables in schema ledger to countersign_app, countersign_integrator;
grant insert on ledger.command, ledger.entry, ledger.payload, ledger.queue to countersign_app;
grant update (personal, personal_key) on ledger.payload to countersign_app;
grant insert on ledger.leaf, ledger.node, ledger.checkpoint, ledger.log to countersign_integrator;
grant update on ledger.log to countersign_integrator;
grant delete on ledger.queue to countersign_integrator;
