-- Marked texts that were taken away to train on: who answers for the data has said yes to each export. No text stands here.

create table guard_export_consents (
  deployment_id text primary key references deployments (id),
  given_by text not null,
  given_at timestamptz not null,
  until_at timestamptz not null,
  check (until_at > given_at)
);

create table guard_exports (
  deployment_id text not null references deployments (id),
  exported_at timestamptz not null,
  exported_by text not null,
  consent_by text not null,
  consent_at timestamptz not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  row_count integer not null check (row_count > 0),
  left_out jsonb not null,
  primary key (deployment_id, exported_at),
  -- Whoever says yes is not whoever takes it away.
  check (exported_by <> consent_by)
);

grant select, insert, update, delete on guard_export_consents to countersign_app;
grant select, insert on guard_exports to countersign_app;
