-- A case may be about a waiver. Several waivers of one system may be before the committee at once, each in one case.
alter table cases add column waiver_id text references waivers (id);
alter table cases add check ((kind = 'waiver') = (waiver_id is not null));
create index cases_waiver on cases (waiver_id);
drop index cases_one_open;
create unique index cases_one_open on cases (system_id, environment, kind, coalesce(waiver_id, ''))
  where state in ('open', 'waiting_evidence', 'voting');
