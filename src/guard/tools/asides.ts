import type { Json } from '../../kernel/index.ts'
import type { PolicyDocuments } from './cedar/policy-set.ts'
import {
  compileCondition,
  holds,
  type Condition,
  type ConditionFault,
  type VariableType,
} from './condition.ts'

/**
 * What a policy that permits says beside its permission, as conditions in CEL: `@approve_when` asks a person,
 * `@deny_when` denies. Cedar authorises; a condition can only make a permission stricter.
 */
export type Aside = { readonly k: 'approve' | 'deny'; readonly condition: Condition }
/** By the ids of policies. */
export type Asides = ReadonlyMap<string, readonly Aside[]>

export type AsideFault = `condition_${ConditionFault}` | 'condition_on_forbid'
export type CompiledAsides =
  | { readonly ok: true; readonly asides: Asides }
  | {
      readonly ok: false
      readonly faults: readonly { readonly policy: string; readonly fault: AsideFault }[]
    }

/** What a condition may name. `args` are the arguments of the call, in whatever form the schema of the tool lets them have. */
export const conditionVariables = {
  tool: 'string',
  effect: 'string',
  tier: 'int',
  environment: 'string',
  taint: 'string',
  taintSources: 'list<string>',
  findings: 'list<string>',
  risk: 'int',
  dataClass: 'int',
  externalSend: 'bool',
  trifecta: 'bool',
  destinationListed: 'bool',
  targetRegistered: 'bool',
  args: 'map<string, dyn>',
} as const satisfies Readonly<Record<string, VariableType>>
export type ConditionFacts = { readonly [name in keyof typeof conditionVariables]: Json }

/** The annotations that hold conditions, and what each leads to. */
export const conditionAnnotations = { approve_when: 'approve', deny_when: 'deny' } as const

/** Compiles the conditions of policies in Cedar's JSON form. One that does not compile leaves none usable. */
export function compileAsides(documents: PolicyDocuments): CompiledAsides {
  const asides = new Map<string, readonly Aside[]>()
  const faults: { policy: string; fault: AsideFault }[] = []
  for (const [policy, document] of Object.entries(documents)) {
    const texts = conditionsIn(document)
    if (texts.length === 0) continue
    // What is forbidden is forbidden: there is nothing to make stricter.
    if (effectOf(document) !== 'permit') faults.push({ policy, fault: 'condition_on_forbid' })
    const own: Aside[] = []
    for (const { k, text } of texts) {
      const compiled = compileCondition(text, conditionVariables)
      if (compiled.ok) own.push({ k, condition: compiled.condition })
      else faults.push({ policy, fault: `condition_${compiled.fault}` })
    }
    asides.set(policy, own)
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, asides }
}

/** The asides of `policies` that hold for a call, or of which nobody can say that they do not. */
export function asidesThatHold(
  asides: Asides,
  policies: readonly string[],
  facts: ConditionFacts,
): readonly { readonly k: Aside['k']; readonly policy: string }[] {
  return policies.flatMap((policy) =>
    (asides.get(policy) ?? [])
      .filter(({ condition }) => holds(condition, facts))
      .map(({ k }) => ({ k, policy })),
  )
}

/** Whether a condition of a policy may look at the arguments of a call. */
export function asidesReadArguments(document: Json): boolean {
  return conditionsIn(document).some(({ text }) => text.includes('args'))
}

function conditionsIn(
  document: Json | undefined,
): readonly { readonly k: Aside['k']; readonly text: string }[] {
  const annotations = memberOf(document, 'annotations')
  return Object.entries(conditionAnnotations).flatMap(([name, k]) => {
    const text = memberOf(annotations, name)
    // An annotation without a value is one that says nothing: it does not compile.
    return text === undefined ? [] : [{ k, text: typeof text === 'string' ? text : '' }]
  })
}

function effectOf(document: Json | undefined): Json | undefined {
  return memberOf(document, 'effect')
}

function memberOf(json: Json | undefined, name: string): Json | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || !Object.hasOwn(json, name))
    return undefined
  return (json as { readonly [member: string]: Json })[name] // no list
}
