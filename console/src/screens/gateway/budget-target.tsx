import type { listLimits } from '../../../../src/contracts/routes/gateway-limits.ts'
import type { ItemOf } from '../../api/reading.ts'
import { t } from '../../messages/gateway.ts'
import { PlaceName } from '../../ui/place-name.tsx'
import { keyChoice } from './key-choice.tsx'

export type Budget = ItemOf<typeof listLimits>

/** Whose calls count in a budget. */
export function BudgetTarget({ target }: { readonly target: Budget['target'] }) {
  if (target.scope === 'key') return <keyChoice.Name id={target.keyId} />
  if (target.scope === 'deployment') return <PlaceName id={target.deploymentId} />
  return <>{t('budget.everybody')}</>
}
