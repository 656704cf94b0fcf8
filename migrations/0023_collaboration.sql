-- What people say to each other about a record, and what each of them is told. Texts are in the ledger's sealed halves
-- alone; notices and watches are personal matters, and no facts.

create table threads (
  id text primary key,
  use_case_id text not null references use_cases (id),
  subject text not null check (subject in ('use_case', 'system', 'case', 'review')),
  subject_id text not null,
  state text not null check (state in ('open', 'resolved')),
  comments integer not null check (comments between 1 and 500),
  started_by text not null,
  started_at timestamptz not null,
  changed_at timestamptz not null
);
create index threads_page on threads (subject, subject_id, id desc);
create index threads_use_case on threads (use_case_id);

create or replace function use_case_of(stream text) returns text language sql stable as $$
  with place as (select split_part(stream, '/', 1) as kind, substr(stream, strpos(stream, '/') + 1) as id)
  select case kind
    when 'useCase' then (select u.id from use_cases u where u.id = place.id)
    when 'system' then (select y.use_case_id from systems y where y.id = place.id)
    when 'deployment' then (select d.use_case_id from deployments d where d.id = place.id)
    when 'route' then (select d.use_case_id from routes r join deployments d on d.id = r.deployment_id where r.id = place.id)
    when 'review' then (select r.use_case_id from reviews r where r.id = place.id)
    when 'check' then (select y.use_case_id from releases r join systems y on y.id = r.system_id
      where r.digest = substr(place.id, strpos(place.id, 'sha256:')))
    when 'case' then (select c.use_case_id from cases c where c.id = place.id)
    when 'condition' then (select c.use_case_id from conditions c where c.id = place.id)
    when 'override' then (select d.use_case_id from overrides o join deployments d on d.id = o.deployment_id where o.id = place.id)
    when 'thread' then (select t.use_case_id from threads t where t.id = place.id)
    when 'waiver' then (select w.use_case_id from waivers w where w.id = place.id)
    when 'stop' then case split_part(place.id, ':', 1)
      when 'use_case' then (select u.id from use_cases u where u.id = split_part(place.id, ':', 2))
      when 'system' then (select y.use_case_id from systems y where y.id = split_part(place.id, ':', 2))
      when 'deployment' then (select d.use_case_id from deployments d where d.id = split_part(place.id, ':', 2))
      when 'route' then (select d.use_case_id from routes r join deployments d on d.id = r.deployment_id
        where r.id = split_part(place.id, ':', 2))
    end
  end from place
$$;

-- Who wants to hear of a record; `about` names it as the ledger does, `<kind>/<id>`.
create table watches (
  person_id text not null references people (id),
  about text not null,
  since_at timestamptz not null,
  primary key (person_id, about)
);
create index watches_about on watches (about);

create table notices (
  id text primary key,
  person_id text not null references people (id),
  kind text not null check (kind in
    ('mention', 'comment', 'information', 'decision', 'ballot_due', 'stop', 'override', 'breach', 'expiry')),
  event text not null,
  -- The record, as the ledger names it.
  about text not null,
  -- Null for what stops the whole installation.
  use_case_id text references use_cases (id),
  thread_id text references threads (id),
  actor text not null,
  command_id text not null,
  created_at timestamptz not null,
  read_at timestamptz,
  check ((kind in ('mention', 'comment')) = (thread_id is not null)),
  unique (person_id, command_id, event, about)
);
create index notices_page on notices (person_id, id desc);
create index notices_unread on notices (person_id) where read_at is null;
create index notices_use_case on notices (use_case_id);
create index notices_thread on notices (thread_id);
create index notices_age on notices (created_at);

-- Kinds that a person has switched off. What has consequences cannot be.
create table notice_switches (
  person_id text not null references people (id),
  kind text not null check (kind in ('mention', 'comment', 'information', 'decision')),
  primary key (person_id, kind)
);

grant select, insert on threads to countersign_app;
grant update (state, comments, changed_at) on threads to countersign_app;
grant select, insert, delete on watches, notice_switches, notices to countersign_app;
grant update (read_at) on notices to countersign_app;
