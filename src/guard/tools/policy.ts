import type { Autonomy, Digest, Effect, Environment, Tier } from '../../kernel/index.ts'
import { compileAsides, type AsideFault, type Asides } from './asides.ts'
import { entitiesOf, type EntityFact } from './cedar/entity.ts'
import {
  authorizer,
  compilePolicies,
  type Authorization,
  type PolicyDocuments,
  type PolicyFault,
} from './cedar/policy-set.ts'
import { entityUid, type CedarRecord } from './cedar/value.ts'
import type { ToolDefinition } from './pin.ts'
import type { ToolRegistration } from './registration.ts'
import { compileSchema, type CompiledSchema } from './schema.ts'

/** A tool of the scope document of a grant. */
export type GrantedTool = {
  readonly toolId: string
  readonly definitionSha256: Digest
  readonly effect: Effect
  readonly autonomyMax: Autonomy
}

/** What a policy is compiled from: one deployment, its grant, and the Cedar policies that the grant pins. */
export type ToolPolicySource = {
  readonly deployment: string
  readonly agent: string
  readonly tier: Tier
  readonly environment: Environment
  readonly tools: readonly GrantedTool[]
  readonly externalSend: boolean
  readonly policies: PolicyDocuments
  readonly registry: { readonly [toolId: string]: ToolRegistration }
}

export type PolicyTool = GrantedTool & {
  readonly mayCall: (context: CedarRecord) => Authorization
  readonly mayList: (context: CedarRecord) => Authorization
  readonly sendsOutside: boolean
  readonly registration: ToolRegistration
}

/** Everything about the tools of one deployment that does not depend on a call. */
export type ToolPolicy = {
  readonly tier: Tier
  readonly environment: Environment
  readonly externalSend: boolean
  readonly tools: ReadonlyMap<string, PolicyTool>
  /** Conditions that stand beside permissions. */
  readonly asides: Asides
  /** Schemas by the digest of their definition. Only what a grant pins is ever compiled. */
  readonly schemas: Map<Digest, CompiledSchema>
}

export type CompiledToolPolicy =
  | { readonly ok: true; readonly policy: ToolPolicy }
  | {
      readonly ok: false
      readonly faults: readonly {
        readonly policy: string
        readonly fault: PolicyFault['fault'] | AsideFault
      }[]
    }

/** Compiles what decides about the tools of one deployment. A set of policies with one fault is none. */
export function compileToolPolicy(source: ToolPolicySource): CompiledToolPolicy {
  const compiled = compilePolicies(source.policies)
  if (!compiled.ok) return compiled
  const beside = compileAsides(source.policies)
  if (!beside.ok) return beside
  const { deployment, tier, environment, externalSend } = source
  const [home, level] = [entityUid('Deployment', deployment), entityUid('Tier', String(tier))]
  const principal = entityUid('Agent', source.agent)
  const facts: EntityFact[] = [
    { uid: principal, parents: [home, level], attrs: new Map([['deployment', home]]) },
    ...source.tools.map(({ effect, toolId }) => ({
      uid: entityUid('Tool', toolId),
      parents: [entityUid('Effect', effect), entityUid('Server', serverOf(toolId)), home],
    })),
  ]
  const entities = entitiesOf(facts)
  const tools = source.tools.map((tool): PolicyTool => {
    const resource = entityUid('Tool', tool.toolId)
    const asked = (action: string) =>
      authorizer(compiled.policies, { principal, action: entityUid('Action', action), resource, entities })
    return { ...tool, ...registered(tool, source), mayCall: asked('callTool'), mayList: asked('listTool') }
  })
  const byId = new Map(tools.map((tool) => [tool.toolId, tool]))
  const { asides } = beside
  return { ok: true, policy: { tier, environment, externalSend, tools: byId, asides, schemas: new Map() } }
}

/** The compiled schema of a tool whose definition has been compared with its pin. */
export function schemaOf(
  { schemas }: ToolPolicy,
  tool: PolicyTool,
  definition: ToolDefinition,
): CompiledSchema {
  const known = schemas.get(tool.definitionSha256)
  if (known !== undefined) return known
  const schema = compileSchema(definition.inputSchema)
  schemas.set(tool.definitionSha256, schema)
  return schema
}

/** A tool of which nobody has said where it sends may send outside, where the deployment may. */
function registered(
  { toolId }: GrantedTool,
  { registry, externalSend }: ToolPolicySource,
): Pick<PolicyTool, 'registration' | 'sendsOutside'> {
  const registration = Object.hasOwn(registry, toolId) ? (registry[toolId] ?? {}) : {}
  return { registration, sendsOutside: registration.sendsOutside ?? externalSend }
}

/** `tickets/create` is of the server `tickets`; a tool that the client runs itself is of `fn`. */
function serverOf(toolId: string): string {
  const slash = toolId.indexOf('/')
  return slash === -1 ? 'fn' : toolId.slice(0, slash)
}
