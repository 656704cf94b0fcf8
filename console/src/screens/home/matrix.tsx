import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/home.ts'
import { Go } from '../../ui/go.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Status, Tier, toneFor } from '../../ui/status.tsx'

const order = [
  'valid',
  'conditional',
  'emergency',
  'suspended',
  'mismatch',
  'pending',
  'expired',
  'revoked',
  'rejected',
  'blocked',
  'in_review',
  'none',
  'unknown',
]
/** These columns are there even when they are empty: their zero is a statement. */
const always = new Set(['valid', 'suspended', 'unknown'])

/** How many deployments of each tier are in which state; every number opens its rows. */
export function Matrix({ found }: { readonly found: ReplyOf<typeof readOverview> }) {
  const countOf = (tier: number | null, state: string | null) =>
    found.matrix
      .filter((cell) => (tier === null || cell.tier === tier) && (state === null || cell.state === state))
      .reduce((sum, { count }) => sum + count, 0)
  const states = order.filter((state) => always.has(state) || countOf(null, state) > 0)
  return (
    <Panel title={t('home.matrix')} flush>
      <div className="table-scroll bare">
        <table className="grid matrix">
          <caption className="sr-only">{t('home.matrixHelp')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('home.matrixTier')}</th>
              {states.map((state) => (
                <th key={state} scope="col" className="end">
                  <Status state={state} />
                </th>
              ))}
              <th scope="col" className="end">
                {t('home.matrixAll')}
              </th>
            </tr>
          </thead>
          <tbody>
            {[3, 2, 1].map((tier) => (
              <tr key={tier}>
                <th scope="row">
                  <Tier tier={tier} />
                </th>
                {states.map((state) => (
                  <Cell key={state} tier={tier} state={state} count={countOf(tier, state)} />
                ))}
                <td className="end">
                  <Go to={`/?tier=${tier}`} label={t('home.rowTotal', { count: countOf(tier, null), tier })}>
                    {countOf(tier, null)}
                  </Go>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

function Cell({
  tier,
  state,
  count,
}: {
  readonly tier: number
  readonly state: string
  readonly count: number
}) {
  const hatched = count > 0 && toneFor(state) === 'unknown' ? ' hatched' : ''
  if (count === 0) return <td className="end muted">0</td>
  const label = t('home.cell', { count, tier, state: tCode('state', state) })
  return (
    <td className={`end${hatched}`}>
      <Go to={`/?tier=${tier}&authorization=${state}`} label={label}>
        {count}
      </Go>
    </td>
  )
}
