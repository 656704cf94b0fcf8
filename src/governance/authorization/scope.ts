import {
  autonomies,
  dataClasses,
  digestOf,
  effects,
  type Autonomy,
  type DataClass,
  type Digest,
  type Effect,
  type Tier,
} from '../../kernel/index.ts'
import type { ReleaseManifest } from '../registry/index.ts'
import type { GrantScope } from './grant.ts'

/** What a grant permits. Anything that is not in it is refused. Lists are sorted and without duplicates. */
export type Scope = GrantScope
type ScopeTool = Scope['tools'][number]

export type DeclaredAction = { readonly toolId: string; readonly effect: Effect; readonly autonomy: Autonomy }
/** The part of the triaged answers that bounds a scope. */
export type AnswersBound = {
  readonly actions: readonly DeclaredAction[]
  readonly dataClass: DataClass
  readonly externalSend: boolean
  readonly volumePerDay: number
}
/** What conditions and contracts of vendors leave; null bounds nothing. */
export type Ceiling = {
  readonly dataClassMax: DataClass | null
  readonly models: readonly string[] | null
  readonly tools: readonly string[] | null
  readonly capabilities: readonly string[] | null
  readonly regions: readonly string[] | null
  readonly externalSend: boolean
  readonly volumePerDay: number | null
}

/** The scope of a release: answers ∩ manifest ∩ each ceiling. */
export function scopeFor(
  answers: AnswersBound,
  manifest: ReleaseManifest,
  ceilings: readonly Ceiling[],
  tier: Tier,
): Scope {
  const start: Scope = {
    models: unique(manifest.models.map(({ provider, model }) => `${provider}/${model}`)),
    tools: manifest.tools.flatMap((tool) => declaredTool(tool, answers.actions, tier)).sort(byTool),
    capabilities: unique(manifest.capabilities),
    regions: unique(manifest.regions),
    externalSend: manifest.externalSend && answers.externalSend,
    dataClassMax: answers.dataClass,
    guardPolicy: manifest.guardPolicy,
    toolPolicy: manifest.toolPolicy,
    volumePerDay: answers.volumePerDay,
  }
  return ceilings.reduce(underCeiling, start)
}

/**
 * What both scopes permit. Commutative, associative, idempotent, and never wider than either.
 * Scopes under different guard or tool policies have nothing in common.
 */
export function intersectScope(a: Scope, b: Scope): Scope {
  const samePolicies = a.guardPolicy === b.guardPolicy && a.toolPolicy === b.toolPolicy
  const shared = (x: readonly string[], y: readonly string[]) =>
    samePolicies ? unique(x.filter((item) => y.includes(item))) : []
  return {
    models: shared(a.models, b.models),
    tools: samePolicies ? a.tools.flatMap((tool) => sharedTool(tool, b.tools)).sort(byTool) : [],
    capabilities: shared(a.capabilities, b.capabilities),
    regions: shared(a.regions, b.regions),
    externalSend: samePolicies && a.externalSend && b.externalSend,
    dataClassMax: lowerOf(dataClasses, a.dataClassMax, b.dataClassMax),
    guardPolicy: a.guardPolicy < b.guardPolicy ? a.guardPolicy : b.guardPolicy,
    toolPolicy: a.toolPolicy < b.toolPolicy ? a.toolPolicy : b.toolPolicy,
    volumePerDay: samePolicies ? Math.min(a.volumePerDay, b.volumePerDay) : 0,
  }
}

/** The digest under which a grant names its scope. */
export function scopeDigest(scope: Scope): Digest {
  return digestOf(scope)
}

function declaredTool(
  tool: ReleaseManifest['tools'][number],
  actions: readonly DeclaredAction[],
  tier: Tier,
): ScopeTool[] {
  const { toolId, definitionSha256, effect } = tool
  const allowing = actions
    .filter((action) => action.toolId === toolId && effects.indexOf(action.effect) >= effects.indexOf(effect))
    .map((action) => lowerOf(autonomies, action.autonomy, tool.autonomy))
  const best = autonomies.findLast((autonomy) => allowing.includes(autonomy))
  if (best === undefined) return []
  // In tier 3 a privileged or containing action always waits for a person, whatever was declared.
  const guarded = tier === 3 && (effect === 'privileged' || effect === 'containment')
  return [{ toolId, definitionSha256, effect, autonomyMax: guarded ? lowerOf(autonomies, best, 'A2') : best }]
}

function underCeiling(scope: Scope, ceiling: Ceiling): Scope {
  return intersectScope(scope, {
    models: ceiling.models ?? scope.models,
    tools: scope.tools.filter(({ toolId }) => ceiling.tools === null || ceiling.tools.includes(toolId)),
    capabilities: ceiling.capabilities ?? scope.capabilities,
    regions: ceiling.regions ?? scope.regions,
    externalSend: ceiling.externalSend,
    dataClassMax: ceiling.dataClassMax ?? scope.dataClassMax,
    guardPolicy: scope.guardPolicy,
    toolPolicy: scope.toolPolicy,
    volumePerDay: ceiling.volumePerDay ?? scope.volumePerDay,
  })
}

function sharedTool(tool: ScopeTool, others: readonly ScopeTool[]): ScopeTool[] {
  const other = others.find(
    ({ toolId, definitionSha256 }) => toolId === tool.toolId && definitionSha256 === tool.definitionSha256,
  )
  if (other === undefined) return []
  const effect = lowerOf(effects, tool.effect, other.effect)
  return [{ ...tool, effect, autonomyMax: lowerOf(autonomies, tool.autonomyMax, other.autonomyMax) }]
}

function lowerOf<T>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) <= order.indexOf(b) ? a : b
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)].sort()
}

function byTool(a: ScopeTool, b: ScopeTool): number {
  if (a.toolId === b.toolId) return 0
  return a.toolId < b.toolId ? -1 : 1
}
