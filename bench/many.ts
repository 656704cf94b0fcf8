import type { Pool } from '../src/adapters/postgres/index.ts'
import type { Built } from '../src/main/demo/systems.ts'

const portion = 500

/**
 * Copies one system with everything that its authorization rests on, `count` times, under ids and titles that end in a
 * number from `from` on. What was copied is settled like its original, so nothing is left for the issuer to look at.
 */
export async function multiply(pool: Pool, original: Built, count: number, from = 0): Promise<void> {
  for (let i = from; i < from + count; i += portion)
    await copyAs(pool, original, i + 1, Math.min(from + count, i + portion))
  await pool.query('delete from grant_marks')
  await pool.query('analyze')
}

async function copyAs(pool: Pool, { useCaseId, systemId, deploymentId }: Built, from: number, to: number) {
  const { rows } = await pool.query<{ id: string }>('select id from cases where system_id = $1', [systemId])
  const cases = rows.map(({ id }) => id)
  const numbered = (id: string) => `'${id.slice(0, -5)}' || lpad(i::text, 5, '0')`
  const renamed = (text: string) =>
    [useCaseId, systemId, deploymentId, ...cases].reduce(
      (sql, id) => `replace(${sql}, '${id}', ${numbered(id)})`,
      text,
    )
  const copies = `from generate_series(${from}, ${to}) as i cross join`
  const copy = async (table: string, where: string, changes = `'{}'::jsonb`) => {
    await pool.query(
      `insert into ${table}
       select (jsonb_populate_record(null::${table}, ${renamed('to_jsonb(t)::text')}::jsonb || ${changes})).*
       ${copies} (select * from ${table} where ${where}) as t`,
    )
  }
  const streams = [
    `useCase/${useCaseId}`,
    `system/${systemId}`,
    `deployment/${deploymentId}`,
    ...cases.map((id) => `case/${id}`),
  ]
  await copy('use_cases', `id = '${useCaseId}'`, `jsonb_build_object('title', t.title || ' ' || i)`)
  await copy('systems', `id = '${systemId}'`)
  await copy('deployments', `id = '${deploymentId}'`)
  await copy('deployment_standings', `deployment_id = '${deploymentId}'`)
  await copy('cases', `system_id = '${systemId}'`)
  await copy('streams', `stream in (${streams.map((stream) => `'${stream}'`).join()})`)
}
