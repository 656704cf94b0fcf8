import { servesApi, type Caller } from './admit.ts'

/** Exactly the models that are granted and have somewhere to go. */
export function modelList({ grant, route }: Caller, api: 'openai' | 'anthropic'): string {
  const served = grant.scope.models.filter((alias) => {
    const targets = Object.hasOwn(route.models, alias) ? (route.models[alias] ?? []) : []
    return targets.some((target) => servesApi(target, api))
  })
  if (api === 'openai') {
    const data = served.map((id) => ({ id, object: 'model', created: 0, owned_by: 'countersign' }))
    return JSON.stringify({ object: 'list', data })
  }
  const created_at = '1970-01-01T00:00:00Z'
  const data = served.map((id) => ({ type: 'model', id, display_name: id, created_at }))
  return JSON.stringify({
    data,
    has_more: false,
    first_id: served[0] ?? null,
    last_id: served.at(-1) ?? null,
  })
}
