/**
 * Cost of one authorization with 200 Cedar policies: our compiled form, and Cedar's own engine with its policies parsed
 * before. Both answer the same calls; another answer makes the run void.
 * Usage: `node bench/gateway/policy.ts [calls per round] [rounds] [--write]`.
 */
import { cedarEngine, cedarVersion, parsePolicies } from '../../src/adapters/cedar/cedar-wasm.ts'
import { valueOfData } from '../../src/guard/tools/cedar/data.ts'
import { entitiesOf } from '../../src/guard/tools/cedar/entity.ts'
import { authorizer, compilePolicies } from '../../src/guard/tools/cedar/policy-set.ts'
import { entityUid, recordOf, setOf } from '../../src/guard/tools/cedar/value.ts'
import { alternate, numbersOf, percentile, ratioOf, report, rounded } from '../measure.ts'

const [calls = 0, rounds = 0] = numbersOf(20_000, 7)
const tools = Array.from({ length: 40 }, (_, i) => `server-${i % 8}/tool-${i}`)
const effects = ['read', 'draft', 'write', 'privileged', 'containment']
const text = [
  `@id("declared") permit(principal is Agent, action in [Action::"callTool", Action::"listTool"], resource is Tool)
   when { resource in principal.deployment };`,
  // a third for one tool, a third for a server, a third for an effect
  ...Array.from({ length: 199 }, (_, i) => {
    const resource = [
      `resource == Tool::"${tools[i % tools.length]}"`,
      `resource in Server::"server-${i % 8}"`,
      `resource in Effect::"${effects[i % effects.length]}"`,
    ][i % 3]
    return `@id("f${i}") forbid(principal, action == Action::"callTool", ${resource}) when {
      context.taint == "untrusted" && context.risk > ${90 + (i % 10)} ||
      context.args has to && context.args.to like "*@evil-${i}.example" ||
      context.findings.contains("rule-${i}") };`
  }),
].join('\n')
const parsed = parsePolicies(text)
if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
const compiled = compilePolicies(parsed.policies)
if (!compiled.ok) throw new Error(JSON.stringify(compiled.faults))
const engine = cedarEngine(parsed.policies, 'bench')

const name = (type: string, id: string) => ({ type, id })
const [agent, home] = [name('Agent', 'soc'), name('Deployment', 'd1')]
const facts = [
  { uid: agent, parents: [home, name('Tier', '2')], attrs: { deployment: { __entity: home } } },
  ...tools.map((tool, i) => ({
    uid: name('Tool', tool),
    parents: [name('Effect', effects[i % 5] ?? ''), name('Server', `server-${i % 8}`), home],
    attrs: {},
  })),
]
const entities = entitiesOf(
  facts.map(({ uid, parents }) => ({
    uid: entityUid(uid.type, uid.id),
    parents: parents.map(({ type, id }) => entityUid(type, id)),
    attrs: new Map(uid === agent ? [['deployment', entityUid('Deployment', 'd1')]] : []),
  })),
)
const action = name('Action', 'callTool')
const samples = Array.from({ length: 500 }, (_, i) => {
  const tool = tools[i % tools.length] ?? ''
  const args = { to: `a@partner-${i}.example`, subject: 'Case 17', amount: i }
  const context = {
    tier: 2,
    environment: 'prod',
    taint: i % 3 === 0 ? 'untrusted' : 'user',
    taintSources: ['document'],
    findings: i % 7 === 0 ? [`rule-${i % 199}`] : [],
    risk: i % 100,
    dataClass: i % 4,
    externalSend: i % 2 === 0,
  }
  // what the engine reads in each call: the entities that the call names, as it has no store of its own
  const named = facts.filter(({ uid }) => uid === agent || uid.id === tool)
  const theirs = {
    principal: agent,
    action,
    resource: name('Tool', tool),
    context: { ...context, args },
    entities: named,
  }
  return { tool, args, context, theirs }
})
type Sample = (typeof samples)[number]

/** What is known before a call, as `compileToolPolicy` prepares it. */
const policies = compiled.policies
const prepared = new Map(
  tools.map((tool) => [
    tool,
    authorizer(policies, {
      principal: entityUid('Agent', 'soc'),
      action: entityUid('Action', 'callTool'),
      resource: entityUid('Tool', tool),
      entities,
    }),
  ]),
)

/** What a call costs: its context is made out of facts, then asked about. */
function ours({ tool, args, context }: Sample): string {
  const record = recordOf({
    tier: BigInt(context.tier),
    environment: context.environment,
    taint: context.taint,
    taintSources: setOf(context.taintSources),
    findings: setOf(context.findings),
    risk: BigInt(context.risk),
    dataClass: BigInt(context.dataClass),
    externalSend: context.externalSend,
    args: valueOfData(args),
  })
  return prepared.get(tool)?.(record).k === 'permit' ? 'allow' : 'deny'
}

const theirs = ({ theirs: call }: Sample) => engine(call).decision
const answers = samples.map(theirs)
if (!new Set(answers).has('allow') || !new Set(answers).has('deny'))
  throw new Error('void run: one answer for all')

type Round = { readonly micros: readonly number[]; readonly cpuMicros: number }

function roundOf(decide: (sample: Sample) => string, count: number): Round {
  const cpuBefore = process.cpuUsage()
  const micros = Array.from({ length: count }, (_, i) => {
    const at = i % samples.length
    const beganAt = performance.now()
    const answer = decide(samples[at] ?? (samples[0] as Sample)) // there are 500
    const elapsed = (performance.now() - beganAt) * 1_000
    if (answer !== answers[at]) throw new Error(`void run: ${answer} for ${JSON.stringify(samples[at])}`)
    return elapsed
  })
  const { user, system } = process.cpuUsage(cpuBefore)
  return { micros, cpuMicros: (user + system) / count }
}

const runs = await alternate(
  {
    compiled: (isWarmUp) => roundOf(ours, isWarmUp ? 20_000 : calls),
    cedarWasm: (isWarmUp) => roundOf(theirs, isWarmUp ? 500 : Math.ceil(calls / 20)),
  },
  rounds,
)
const rows = Object.entries(runs).map(([what, series]) => {
  const middle = (of: (round: Round) => number) => rounded(percentile(series.map(of), 0.5))
  return {
    what,
    cpuMicros: middle(({ cpuMicros }) => cpuMicros),
    p50Micros: middle(({ micros }) => percentile(micros, 0.5)),
    p99Micros: middle(({ micros }) => percentile(micros, 0.99)),
    goalP99Micros: what === 'compiled' ? 10 : null,
  }
})
const cpuOf = (series: readonly Round[]) => series.map(({ cpuMicros }) => cpuMicros)
const conditions = {
  policies: 200,
  calls,
  rounds,
  cedarWasm: cedarVersion,
  machine: 'where load1 is above 2, others have used it as well: p99 is then what they have left',
  call: 'its context is made out of facts and decided; which policies apply to the tool was found out before',
  cpuMicros:
    'user and system time of the process for each call; on a busy machine it says more than wall time',
}
const ratios = [
  {
    what: 'CPU of compiled over that of cedar-wasm',
    ...ratioOf(cpuOf(runs.compiled), cpuOf(runs.cedarWasm)),
  },
]
report(import.meta.dirname, 'tool policy', conditions, { rows, ratios })
