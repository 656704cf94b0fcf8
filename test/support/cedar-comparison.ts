import { cedarEngine } from '../../src/adapters/cedar/cedar-wasm.ts'
import type { CedarCall } from '../../src/adapters/cedar/cedar-wasm.ts'
import { entitiesOfJson } from '../../src/guard/tools/cedar/entity.ts'
import { authorize, compilePolicies, type Authorization } from '../../src/guard/tools/cedar/policy-set.ts'
import { entityUid, valueOfCedarJson } from '../../src/guard/tools/cedar/value.ts'
import { cedarCases, type CedarCase, type CedarRequestJson } from './cedar-cases.ts'

export type Comparison = {
  cases: number
  permits: number
  denials: number
  /** Cases in which a `forbid` erred, so that we deny whatever Cedar says. */
  faults: number
  /** Of these: the ones that Cedar allowed. */
  opened: number
  /** Cases in which a `permit` erred, which changes nothing. */
  erringPermits: number
  readonly mismatches: {
    readonly policies: CedarCase['policies']
    readonly request: CedarRequestJson
    readonly what: string
  }[]
}

/** Decides `count` generated cases with our evaluator and with Cedar's, and compares decision, reasons and errors. */
export function compareWithCedar(seed: number, count: number, requestsPerSet: number): Comparison {
  const found: Comparison = {
    cases: 0,
    permits: 0,
    denials: 0,
    faults: 0,
    opened: 0,
    erringPermits: 0,
    mismatches: [],
  }
  for (const { policies, requests } of cedarCases(seed, requestsPerSet)) {
    const compiled = compilePolicies(policies)
    if (!compiled.ok) throw new Error(`${JSON.stringify(compiled.faults)} in ${JSON.stringify(policies)}`)
    const theirs = cedarEngine(policies)
    for (const request of requests) {
      if (found.cases === count) return found
      const ours = authorize(compiled.policies, readRequest(request))
      compareOne(found, policies, request, ours, theirs(request as unknown as CedarCall)) // the same JSON form
    }
  }
  return found
}

function compareOne(
  found: Comparison,
  policies: CedarCase['policies'],
  request: CedarRequestJson,
  ours: Authorization,
  theirs: ReturnType<ReturnType<typeof cedarEngine>>,
): void {
  found.cases += 1
  const effectOf = (id: string) => (policies[id] as { readonly effect: string }).effect
  const erringForbids = theirs.erring.filter((id) => effectOf(id) === 'forbid')
  if (erringForbids.length > 0) found.faults += 1
  else if (theirs.decision === 'allow') found.permits += 1
  else found.denials += 1
  if (erringForbids.length > 0 && theirs.decision === 'allow') found.opened += 1
  const skipped = theirs.erring.filter((id) => effectOf(id) !== 'forbid').toSorted()
  if (skipped.length > 0) found.erringPermits += 1
  const permits = theirs.decision === 'allow'
  const expected: Authorization =
    erringForbids.length > 0
      ? { k: 'fault', policies: erringForbids.toSorted() }
      : {
          k: permits ? 'permit' : 'deny',
          policies: theirs.reasons.toSorted(),
          ...(permits && skipped.length > 0 ? { skipped } : {}),
        }
  const what = `${JSON.stringify(ours)} instead of ${JSON.stringify(expected)}`
  if (JSON.stringify(ours) !== JSON.stringify(expected)) found.mismatches.push({ policies, request, what })
}

function readRequest({ principal, action, resource, context, entities }: CedarRequestJson) {
  const record = valueOfCedarJson(context)
  const facts = entitiesOfJson(entities)
  if (typeof record !== 'object' || record?.k !== 'record' || facts === null) throw new Error('not a request')
  return {
    principal: entityUid(principal.type, principal.id),
    action: entityUid(action.type, action.id),
    resource: entityUid(resource.type, resource.id),
    context: record,
    entities: facts,
  }
}
