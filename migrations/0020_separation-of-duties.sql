-- Separation of duties once more below the deciders: the rules that had no constraint get one, and those that had one
-- get it a name that says what it refuses, since the refusal carries it.

alter table use_cases rename constraint use_cases_check to use_cases_triaged_by_another;
alter table conditions rename constraint conditions_check to conditions_attested_by_another;
alter table overrides rename constraint overrides_check to overrides_seconded_by_another;
alter table overrides rename constraint overrides_check1 to overrides_reviewed_by_another;
alter table waivers rename constraint waivers_check to waivers_accepted_by_another;

-- Who seconds the renewal of an override takes part in it like who seconded the first.
alter table overrides add column renewed_by text;
update overrides o set renewed_by = s.state ->> 'renewedBy' from streams s where s.stream = 'override/' || o.id;
alter table overrides
  add constraint overrides_renewed_by_another check (renewed_by is distinct from requested_by),
  add constraint overrides_reviewed_by_no_renewer check (reviewed_by is null or reviewed_by is distinct from renewed_by);

-- Whoever has an interest in a use case or has made the release signs no review of it.
alter table reviews add column signed_by text;
update reviews r set signed_by = s.state ->> 'signedBy' from streams s
  where s.stream = 'review/' || r.id
    and r.state in ('signed_off', 'signed_off_with_conditions', 'objected', 'not_needed');

create function refuse_interested_signer() returns trigger language plpgsql as $$
begin
  if new.signed_by is not distinct from old.signed_by then
    return null; -- owners change later; the signature stays what it was
  end if;
  if exists (
    select 1 from use_cases u where u.id = new.use_case_id
      and new.signed_by in (u.requester_id, u.business_owner_id, u.technical_owner_id, u.backup_owner_id)
  ) or exists (select 1 from releases r where r.digest = new.release and r.author = new.signed_by) then
    raise exception 'OWNER_CONFLICT: % may not sign %', new.signed_by, new.id
      using errcode = 'check_violation', constraint = 'reviews_signed_by_another';
  end if;
  return null;
end $$;
create constraint trigger reviews_signed_by_another after insert or update on reviews
  for each row execute function refuse_interested_signer();

create function refuse_interested_acceptor() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from use_cases u, unnest(new.accepted_by) as a (person) where u.id = new.use_case_id
      and a.person in (u.requester_id, u.business_owner_id, u.technical_owner_id, u.backup_owner_id)
      and not a.person = any (coalesce(old.accepted_by, '{}'))
  ) then
    raise exception 'OWNER_CONFLICT: an owner may not accept %', new.id
      using errcode = 'check_violation', constraint = 'waivers_accepted_by_no_owner';
  end if;
  return null;
end $$;
create constraint trigger waivers_accepted_by_no_owner after insert or update on waivers
  for each row execute function refuse_interested_acceptor();

-- People vote, no service does; who administers people does not; and a ballot that was superseded never lives again.
alter table ballots add constraint ballots_by_people check (starts_with(person_id, 'usr_'));

create or replace function refuse_conflicted_ballot() returns trigger language plpgsql as $$
begin
  if new.is_live and (exists (
    select 1 from case_conflicts c where c.case_id = new.case_id and c.person_id = new.person_id
  ) or exists (select 1 from people p where p.id = new.person_id and p.is_admin)) then
    raise exception 'CONFLICT_OF_INTEREST: % may not vote on %', new.person_id, new.case_id
      using errcode = 'check_violation', constraint = 'ballots_without_conflict';
  end if;
  if new.is_live and not old.is_live then
    raise exception 'BALLOT_SUPERSEDED: % was superseded', new.id
      using errcode = 'check_violation', constraint = 'ballots_never_revive';
  end if;
  return null;
end $$;
