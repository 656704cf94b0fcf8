-- What stands behind placeholders in the traffic of the gateway (ADR 0039). Values are sealed under a key of their
-- conversation, and that key under one that the gateway alone holds: nobody reads a value out of the database.

create table conversations (
  -- HMAC of what the conversation is told apart by, under a key that the gateway alone holds.
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  deployment_id text not null references deployments (id),
  key_id text not null references gateway_keys (id),
  sealed_key bytea not null check (length(sealed_key) between 32 and 256),
  expires_at timestamptz not null
);
create index conversations_expiry on conversations (expires_at);
create index conversations_deployment on conversations (deployment_id);
create index conversations_key on conversations (key_id);

-- No facts: they go with their key, without which they are noise.
create table conversation_values (
  conversation_id text not null references conversations (id) on delete cascade,
  placeholder text not null check (length(placeholder) between 9 and 40),
  sealed bytea not null check (length(sealed) between 28 and 4096),
  primary key (conversation_id, placeholder)
);

-- The sealed key of a conversation that lives: the one that is offered when there is none. Null when it is somebody else's.
create function open_conversation(conversation text, deployment text, of_key text, offered bytea, ttl_ms integer)
  returns bytea language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if ttl_ms not between 1000 and 86400000 then
    raise exception 'a conversation is kept for a day at most' using errcode = 'invalid_parameter_value';
  end if;
  delete from conversations c where c.id = conversation and c.expires_at <= clock_timestamp();
  insert into conversations (id, deployment_id, key_id, sealed_key, expires_at)
    values (conversation, deployment, of_key, offered, clock_timestamp() + make_interval(secs => ttl_ms / 1000.0))
    on conflict (id) do nothing;
  return (select c.sealed_key from conversations c
    where c.id = conversation and c.deployment_id = deployment and c.key_id = of_key);
end $$;
revoke execute on function open_conversation(text, text, text, bytea, integer) from public;

-- Keeps values, and tells what each placeholder stands for now. What stands stays, so that the gateway sees who was first.
create function keep_conversation_values(conversation text, placeholders text[], seals bytea[], most integer)
  returns table (placeholder text, sealed bytea)
  language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
begin
  -- One at a time for each conversation, so that the count holds.
  perform 1 from conversations c where c.id = conversation and c.expires_at > clock_timestamp() for update;
  if not found then
    raise exception 'the conversation has ended' using errcode = 'no_data_found';
  end if;
  insert into conversation_values (conversation_id, placeholder, sealed)
    select conversation, v.placeholder, v.sealed from unnest(placeholders, seals) as v (placeholder, sealed)
    on conflict do nothing;
  if (select count(*) from conversation_values v where v.conversation_id = conversation) > most then
    raise exception 'a conversation holds at most % values', most using errcode = 'program_limit_exceeded';
  end if;
  return query select v.placeholder, v.sealed from conversation_values v
    where v.conversation_id = conversation and v.placeholder = any (placeholders);
end $$;
revoke execute on function keep_conversation_values(text, text[], bytea[], integer) from public;

create function conversation_values_of(conversation text) returns table (placeholder text, sealed bytea)
  language sql stable security definer set search_path = public, pg_temp as $$
  select v.placeholder, v.sealed from conversation_values v join conversations c on c.id = v.conversation_id
  where c.id = conversation and c.expires_at > clock_timestamp()
$$;
revoke execute on function conversation_values_of(text) from public;

-- A key that opens nothing any more gives nothing back either.
create function end_conversations_of_key() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  delete from conversations c where c.key_id = new.id;
  return null;
end $$;
revoke execute on function end_conversations_of_key() from public;
create trigger end_conversations after update of revoked_at on gateway_keys
  for each row when (new.revoked_at is not null) execute function end_conversations_of_key();

grant select (id, deployment_id, key_id, expires_at), delete on conversations to countersign_app;
grant execute on function open_conversation(text, text, text, bytea, integer) to countersign_gateway;
grant execute on function keep_conversation_values(text, text[], bytea[], integer) to countersign_gateway;
grant execute on function conversation_values_of(text) to countersign_gateway;
