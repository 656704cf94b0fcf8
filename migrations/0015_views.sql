-- What lists page and filter by, and to which use case a refused attempt belongs.

create index reviews_page on reviews (created_at desc, id desc);
create index reviews_due on reviews (due_at, id);
create index reviews_lead on reviews (lead_id, due_at);

create index stops_page on stops (coalesce(since_at, to_timestamp(0)) desc, id desc);

alter table refusals add column use_case_id text references use_cases (id);
create index refusals_actor on refusals (actor, at desc, id desc);
create index refusals_use_case on refusals (use_case_id, at desc, id desc);

-- The use case of a stream such as `deployment/<id>`; null for what belongs to none or does not exist (yet).
create function use_case_of(stream text) returns text language sql stable as $$
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
