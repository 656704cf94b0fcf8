import { createPool, type Database } from '../../src/adapters/postgres/index.ts'

export type SteppedClock = {
  /** Sets the clock of the database to `ms` after (or before) the real time. */
  readonly database: (ms: number) => Promise<void>
  /** The same for the wall clock of this process. */
  readonly process: (ms: number) => void
  /** Both clocks tell the real time again. */
  readonly close: () => Promise<void>
}

/**
 * Makes the clocks that the product reads step. The database gets functions of its own that hide `now` and
 * `clock_timestamp`: sessions that begin after this call tell its time. What PostgreSQL itself reads, such as its
 * timeouts, stays real, and so does every monotonic clock.
 */
export async function steppedClock(database: Database): Promise<SteppedClock> {
  const owner = createPool(database, undefined, 1)
  await owner.query(`
    create schema stepped;
    create table stepped.by (ms bigint not null);
    insert into stepped.by values (0);
    create function stepped.clock_timestamp() returns timestamptz language sql volatile as
      $$ select pg_catalog.clock_timestamp() + (select ms from stepped.by) * interval '1 millisecond' $$;
    create function stepped.now() returns timestamptz language sql stable as
      $$ select pg_catalog.now() + (select ms from stepped.by) * interval '1 millisecond' $$;
    grant usage on schema stepped to public;
    grant select on stepped.by to public;
    do $do$ begin
      execute format('alter database %I set search_path = public, stepped, pg_catalog', current_database());
    end $do$`)
  const real = Date.now
  const step = async (ms: number) => {
    await owner.query('update stepped.by set ms = $1', [ms])
  }
  return {
    database: step,
    process: (ms) => {
      Date.now = ms === 0 ? real : () => real() + ms
    },
    close: async () => {
      Date.now = real
      await step(0)
      await owner.end()
    },
  }
}
