-- Orders that lists are asked for, and why a place stands as it does, so that a page of them need not derive each anew.

create index use_cases_triage_due on use_cases (triage_due_at, id) where triage_due_at is not null;
create index cases_opened on cases (opened_at desc, id desc);
create index cases_deadline on cases (deadline_at, id);
create index ledger_entry_kind on ledger.entry (kind, seq);

alter table deployment_standings add column reasons jsonb not null default '[]';
-- The issuer looks at everything once more.
insert into grant_marks (scope, target) values ('installation', 'installation') on conflict do nothing;

-- The same epochs by joins of whole tables: for thousands of deployments at once, and for one.
create or replace view deployment_epochs as
select d.id as deployment_id,
  (d.epoch + coalesce(own.epoch, 0) + coalesce(y.epoch, 0) + coalesce(u.epoch, 0) + coalesce(i.epoch, 0)
    + coalesce(r.epoch, 0))::bigint as epoch
from deployments d
left join stops own on own.scope = 'deployment' and own.target = d.id
left join stops y on y.scope = 'system' and y.target = d.system_id
left join stops u on u.scope = 'use_case' and u.target = d.use_case_id
left join stops i on i.scope = 'installation' and i.target = 'installation'
left join (
  select p.deployment_id, sum(s.epoch) as epoch from routes p join stops s on s.scope = 'route' and s.target = p.id
  group by p.deployment_id
) r on r.deployment_id = d.id;
