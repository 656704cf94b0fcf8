import { issueDue } from '../../src/app/authorization/issuer.ts'
import type { Plane } from './plane.ts'

/** Does what the worker does for lists: the issuer settles whatever is marked. A basis gets its index in moments. */
export async function settleStandings({ plane }: Pick<Plane, 'plane'>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    await issueDue(plane)
    const [waiting] = await plane.query<{ n: number }>(
      `select count(*) as n from deployments d
       where not exists (select 1 from deployment_standings s where s.deployment_id = d.id)`,
    )
    if (waiting?.n === 0) return
    await plane.query('select pg_sleep(0.05)')
  }
  throw new Error('the issuer does not settle')
}
