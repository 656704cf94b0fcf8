-- Limits of the gateway: what people have set, what is spent, and what the workers of the gateway hold (ADR 0030).

create table limits (
  id text primary key,
  scope text not null check (scope in ('key', 'deployment', 'org')),
  key_id text references gateway_keys (id),
  deployment_id text references deployments (id),
  unit text not null check (unit in ('requests', 'tokens', 'micro_usd', 'concurrent')),
  amount bigint not null check (amount between 1 and 1000000000000000),
  window_kind text not null check (window_kind in ('sliding', 'calendar', 'none')),
  window_ms bigint check (window_ms between 1000 and 2678400000),
  window_period text check (window_period in ('day', 'month')),
  window_zone text,
  set_by text not null,
  set_at timestamptz not null,
  check ((scope = 'key') = (key_id is not null)),
  check ((scope = 'deployment') = (deployment_id is not null)),
  check ((window_kind = 'sliding') = (window_ms is not null)),
  check ((window_kind = 'calendar') = (window_period is not null and window_zone is not null)),
  check (unit <> 'concurrent' or window_kind = 'none')
);
create index limits_key on limits (key_id) where key_id is not null;
create index limits_deployment on limits (deployment_id) where deployment_id is not null;

-- What was spent, by the part of the window in which it was reported. Limits of grants stand here as `volume/<deployment>`.
create table limit_buckets (
  limit_id text not null,
  since timestamptz not null,
  spent bigint not null check (spent >= 0),
  primary key (limit_id, since)
);

-- What each worker may spend without asking again: `held` is not yet spent, `reported` is all that it ever said to have spent.
create table limit_leases (
  limit_id text not null,
  worker text not null,
  held bigint not null check (held >= 0),
  reported bigint not null check (reported >= 0),
  expires_at timestamptz not null,
  primary key (limit_id, worker)
);
create index limit_leases_expiry on limit_leases (expires_at);

create type limit_window as (kind text, ms bigint, period text, zone text);

-- The part of the window that `at` falls into: a twentieth of a sliding one, the whole of every other.
create function limit_part(w limit_window, at timestamptz) returns timestamptz language sql stable as $$
  select case w.kind
    when 'sliding' then date_bin(make_interval(secs => greatest(w.ms / 20, 50) / 1000.0), at, 'epoch')
    when 'calendar' then date_trunc(w.period, at, w.zone)
    else 'epoch'
  end
$$;

-- The oldest part that still counts at `at`. A part of a sliding window counts until its end has left the window.
create function limit_since(w limit_window, at timestamptz) returns timestamptz language sql stable as $$
  select case w.kind
    when 'sliding' then limit_part(w, at - make_interval(secs => w.ms / 1000.0))
    else limit_part(w, at)
  end
$$;

-- One worker reports what it has spent since its start, and asks to hold `target` units of one limit. Safe to repeat: both
-- numbers are totals. INVARIANT: spent in the window + held by all workers <= amount, as long as no call costs more than
-- was reserved for it; what it costs more is counted and leaves less for the next one.
create function lease_limit(limit_name text, worker_name text, spent_total bigint, target bigint, volume bigint, ttl_ms integer)
returns table (held bigint, reported bigint, spent bigint, leased bigint)
  language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  at timestamptz;
  terms limits;
  of_amount bigint;
  of_unit text;
  w limit_window;
  part timestamptz;
  old limit_leases;
  lost limit_leases;
  was_spent bigint;
  by_others bigint;
  in_window bigint;
begin
  if spent_total < 0 or target < 0 or ttl_ms not between 100 and 600000 then
    raise exception 'a lease out of range' using errcode = 'invalid_parameter_value';
  end if;
  -- One at a time for each limit; the clock is read behind the lock, so that it never runs backwards.
  perform pg_advisory_xact_lock(hashtextextended(limit_name, 32));
  at := clock_timestamp();
  select * into terms from limits l where l.id = limit_name;
  if terms.id is not null then
    of_amount := terms.amount;
    of_unit := terms.unit;
    w := row(terms.window_kind, terms.window_ms, terms.window_period, terms.window_zone);
  else
    if volume is null or volume < 0 or not exists (
      select 1 from deployments d where limit_name = 'volume/' || d.id) then
      return; -- it was removed: nothing is held under it
    end if;
    of_amount := volume;
    of_unit := 'requests';
    w := row('calendar', null, 'day', 'UTC');
  end if;
  part := limit_part(w, at);

  -- What a lost worker still held counts as spent: nobody knows what it did with it. Calls in flight have ended with it.
  was_spent := 0;
  for lost in select * from limit_leases e where e.limit_id = limit_name and e.held > 0 and e.expires_at <= at loop
    update limit_leases e
      set held = 0, reported = e.reported + case when of_unit = 'concurrent' then 0 else e.held end
      where e.limit_id = limit_name and e.worker = lost.worker;
    if of_unit <> 'concurrent' then was_spent := was_spent + lost.held; end if;
  end loop;
  delete from limit_leases e where e.limit_id = limit_name and e.expires_at < at - interval '1 day';

  select * into old from limit_leases e where e.limit_id = limit_name and e.worker = worker_name;
  if old.worker is not null and spent_total > old.reported then
    was_spent := was_spent + spent_total - old.reported;
  end if;
  delete from limit_buckets b where b.limit_id = limit_name and b.since < limit_since(w, at);
  if was_spent > 0 then
    insert into limit_buckets (limit_id, since, spent) values (limit_name, part, was_spent)
      on conflict (limit_id, since) do update set spent = limit_buckets.spent + excluded.spent;
  end if;

  select coalesce(sum(b.spent), 0) into in_window from limit_buckets b
    where b.limit_id = limit_name and b.since >= limit_since(w, at);
  select coalesce(sum(e.held), 0) into by_others from limit_leases e
    where e.limit_id = limit_name and e.worker <> worker_name;
  held := greatest(least(target, of_amount - in_window - by_others), 0);
  reported := greatest(coalesce(old.reported, 0), spent_total);
  spent := in_window;
  leased := by_others + held;
  insert into limit_leases (limit_id, worker, held, reported, expires_at)
    values (limit_name, worker_name, held, reported, at + make_interval(secs => ttl_ms / 1000.0))
    on conflict (limit_id, worker) do update
      set held = excluded.held, reported = excluded.reported, expires_at = excluded.expires_at;
  return next;
end $$;
revoke execute on function lease_limit(text, text, bigint, bigint, bigint, integer) from public;

create trigger notify_gateway after insert or update or delete on limits
  for each statement execute function notify_gateway();

grant select, insert, update, delete on limits to countersign_app;
grant select, delete on limit_buckets, limit_leases to countersign_app;
grant select (id, scope, key_id, deployment_id, unit, amount, window_kind, window_ms, window_period, window_zone) on limits
  to countersign_gateway;
grant execute on function lease_limit(text, text, bigint, bigint, bigint, integer) to countersign_gateway;
