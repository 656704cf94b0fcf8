import type { configureRoute } from '../../../../src/contracts/routes/gateway.ts'
import type { BodyInputOf } from '../../../../src/contracts/route.ts'

type Models = BodyInputOf<typeof configureRoute>['models']

/** A provider of an alias while it is edited. `declaredAs` is the alias itself unless another model stands in. */
export type Way = { readonly upstreamId: string; readonly model: string; readonly declaredAs: string }

/** Providers that an alias may have. */
export const mostWays = 5

/** As they are now; a new alias starts with the model of its own name, and nowhere to go. */
export function waysOf({ models }: { readonly models: Models }, alias: string): readonly Way[] {
  const known = models[alias]
  if (known === undefined)
    return [{ upstreamId: '', model: alias.slice(alias.indexOf('/') + 1), declaredAs: alias }]
  const { fallbacks = [], ...first } = known
  return [first, ...fallbacks].map(({ upstreamId, model, declaredAs = alias }) => ({
    upstreamId,
    model,
    declaredAs,
  }))
}

/** The models to be sent. An alias without a first provider goes nowhere; a line without a provider is none. */
export function modelsOf(ways: Readonly<Record<string, readonly Way[]>>): Models {
  const models: Models = {}
  for (const [alias, [first, ...others]] of Object.entries(ways)) {
    if (first === undefined || first.upstreamId === '') continue
    const fallbacks = others.filter(({ upstreamId }) => upstreamId !== '').map((way) => written(way, alias))
    models[alias] = { ...written(first, alias), ...(fallbacks.length === 0 ? {} : { fallbacks }) }
  }
  return models
}

/** The list with the item at `n` one place earlier. */
export function moved<T>(items: readonly T[], n: number): readonly T[] {
  const [before, item] = [items[n - 1], items[n]]
  if (before === undefined || item === undefined) return items
  return [...items.slice(0, n - 1), item, before, ...items.slice(n + 1)]
}

function written({ upstreamId, model, declaredAs }: Way, alias: string) {
  return { upstreamId, model, ...(declaredAs === alias ? {} : { declaredAs }) }
}
