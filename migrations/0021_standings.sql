-- What the issuer has last derived for each deployment, so that lists need not derive it for every row.

-- A row holds until `holds_until_at` and as long as no mark on the deployment waits for the issuer: whatever changes it
-- writes its mark in the same transaction. Readers call everything else unknown.
create table deployment_standings (
  deployment_id text primary key references deployments (id),
  state text not null,
  -- place of the state among all, the worst first; kept so that thousands of rows are ordered without comparing texts
  rank smallint not null,
  until_at timestamptz,
  holds_until_at timestamptz not null default 'infinity',
  settled_at timestamptz not null
);

grant select, insert, update, delete on deployment_standings to countersign_app;

-- The issuer looks at everything once.
insert into grant_marks (scope, target) values ('installation', 'installation');
