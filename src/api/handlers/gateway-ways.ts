import type { RouteModels } from '../../app/gateway-admin.ts'
import type { BodyOf } from '../../contracts/route.ts'
import type { configureRoute } from '../../contracts/routes/gateway.ts'

/** The models of a route as its contract has them. */
export function modelsView(models: RouteModels) {
  return Object.fromEntries(
    Object.entries(models).map(([alias, { fallbacks = [], ...first }]) => [
      alias,
      { ...first, ...(fallbacks.length === 0 ? {} : { fallbacks: fallbacks.map((way) => ({ ...way })) }) },
    ]),
  )
}

/** Members that are left out are not there; an empty list of fallbacks is none. */
export function modelsIn(models: BodyOf<typeof configureRoute>['models']): RouteModels {
  const wayIn = ({ declaredAs, ...way }: Omit<(typeof models)[string], 'fallbacks'>) =>
    declaredAs === undefined ? way : { ...way, declaredAs }
  return Object.fromEntries(
    Object.entries(models).map(([alias, { fallbacks = [], ...first }]) => [
      alias,
      { ...wayIn(first), ...(fallbacks.length === 0 ? {} : { fallbacks: fallbacks.map(wayIn) }) },
    ]),
  )
}
