import type { guardRoutes } from '../../contracts/routes/guard.ts'
import type { ReplyInputOf } from '../../contracts/route.ts'
import type { Handlers, Principal } from '../handler.ts'

type Rules = ReplyInputOf<(typeof guardRoutes)[0]>['rules']

/** What the guard looks for. */
export function guardHandlers<P extends Principal>(
  rules: readonly Readonly<Rules[number]>[],
): Handlers<typeof guardRoutes, P> {
  return { 'guardRules.list': async () => ({ rules: [...rules] }) }
}
