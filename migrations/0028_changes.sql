-- What the open streams of the console are woken by: that something changed, never what. A command notifies nobody, since
-- notifying makes transactions commit one after the other; the integrator does for them, once for each batch.

create function notify_changes() returns trigger language plpgsql as $$
begin
  perform pg_notify('countersign_changes', tg_argv[0]);
  return null;
end $$;
create trigger notify_changes after insert on ledger.leaf
  for each statement execute function notify_changes('log');

create function notify_import() returns trigger language plpgsql as $$
begin
  perform pg_notify('countersign_changes', 'import ' || c.id) from (select distinct id from changed) as c;
  return null;
end $$;
create trigger notify_changes after update on imports referencing new table as changed
  for each statement execute function notify_import();

create function notify_import_rows() returns trigger language plpgsql as $$
begin
  perform pg_notify('countersign_changes', 'import ' || c.import_id) from (select distinct import_id from changed) as c;
  return null;
end $$;
create trigger notify_changes after update on import_rows referencing new table as changed
  for each statement execute function notify_import_rows();

-- Personal matters, which are in no ledger.
create function notify_person() returns trigger language plpgsql as $$
begin
  perform pg_notify('countersign_changes', 'person ' || c.person_id) from (select distinct person_id from changed) as c;
  return null;
end $$;
create trigger notify_changes after update on notices referencing new table as changed
  for each statement execute function notify_person();
create trigger notify_changes_insert after insert on work_snoozes referencing new table as changed
  for each statement execute function notify_person();
create trigger notify_changes_update after update on work_snoozes referencing new table as changed
  for each statement execute function notify_person();
create trigger notify_changes_delete after delete on work_snoozes referencing old table as changed
  for each statement execute function notify_person();

create function notify_session() returns trigger language plpgsql as $$
begin
  perform pg_notify('countersign_changes', 'session ' || new.id);
  return null;
end $$;
create trigger notify_changes after update of ended_at on sessions
  for each row when (new.ended_at is not null and old.ended_at is null) execute function notify_session();
