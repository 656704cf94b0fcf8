import type { RecordedFact } from '../../contracts/events.ts'
import type { JsonObject } from '../../kernel/index.ts'
import type { Aggregate, Change } from '../command.ts'
import { overrides, waivers } from './authorization.ts'
import { threads, undeliveredNotices, webhooks } from './collaboration.ts'
import { cases, charters, conditions } from './committee.ts'
import { expiries } from './expiries.ts'
import { canaries } from './canaries.ts'
import { gatewayBoots, gatewayRoutes, limits, ownModels, routeContents, upstreams } from './gateway.ts'
import { gateRecords, keys, renewals, series } from './grants.ts'
import { imports, useCases } from './intake.ts'
import { organisations } from './organisation.ts'
import { disclosures, people } from './people.ts'
import { publications } from './policies.ts'
import { deployments, stops, systems } from './registry.ts'
import { guardAllowances, guardExports, guardFeedback, guardModels, guardPolicies } from './guard.ts'
import { holds, redactions } from './retention.ts'
import { checks, reviews } from './reviews.ts'
import { serviceAccounts } from './service-accounts.ts'
import { toolDefinitions, toolPolicies, toolRegistrations } from './tools.ts'
import { units } from './units.ts'

/** What replay needs of an aggregate. Its types are erased: the name of a stream says whose facts it holds. */
export type Replayable = {
  readonly name: string
  readonly initial: unknown
  readonly evolve: (state: unknown, event: RecordedFact) => unknown
  readonly project: (change: Change<unknown, RecordedFact>) => Promise<void>
}

/** Every aggregate of the product, by the name before the slash of its streams. */
export const aggregates: ReadonlyMap<string, Replayable> = new Map(
  [
    erased(cases),
    erased(charters),
    erased(checks),
    erased(conditions),
    erased(deployments),
    erased(disclosures),
    erased(expiries),
    erased(gateRecords),
    erased(gatewayBoots),
    erased(canaries),
    erased(gatewayRoutes),
    erased(guardAllowances),
    erased(guardExports),
    erased(guardFeedback),
    erased(guardModels),
    erased(guardPolicies),
    erased(holds),
    erased(imports),
    erased(keys),
    erased(limits),
    erased(organisations),
    erased(overrides),
    erased(ownModels),
    erased(people),
    erased(publications),
    erased(redactions),
    erased(renewals),
    erased(reviews),
    erased(routeContents),
    erased(series),
    erased(serviceAccounts),
    erased(stops),
    erased(systems),
    erased(threads),
    erased(toolDefinitions),
    erased(toolPolicies),
    erased(toolRegistrations),
    erased(undeliveredNotices),
    erased(units),
    erased(upstreams),
    erased(useCases),
    erased(waivers),
    erased(webhooks),
  ].map((aggregate) => [aggregate.name, aggregate]),
)

/** The aggregate of a stream and the id within it; null when no aggregate has that name. */
export function aggregateOf(stream: string): { readonly aggregate: Replayable; readonly id: string } | null {
  const slash = stream.indexOf('/')
  const aggregate = aggregates.get(stream.slice(0, slash))
  return aggregate === undefined ? null : { aggregate, id: stream.slice(slash + 1) }
}

/** An entry as the event that it was. `sealed` is left out where there was none; an erased half reads as empty. */
export function eventOf(kind: string, facts: JsonObject, sealed?: JsonObject): RecordedFact {
  return { e: kind as RecordedFact['e'], ...facts, ...(sealed === undefined ? {} : { sealed }) } // as append took it
}

function erased<S, C, E extends RecordedFact, X>(aggregate: Aggregate<S, C, E, X>): Replayable {
  return aggregate as unknown as Replayable
}
