import type { EpochMs, RecordId } from '../kernel/index.ts'
import type { Caller } from './admit.ts'
import type { Usage } from './dialect/reading.ts'
import type { Inspection } from './inspection/inspection.ts'
import type { Commitment, RuntimeRecord, Target, VirtualKey } from './ports.ts'
import { actionOf, type ReasonCode } from './reasons.ts'

/** What is known of a call while it goes on. */
export type CallState = {
  readonly id: RecordId
  readonly at: EpochMs
  readonly worker: string
  readonly dialect: RuntimeRecord['dialect']
  readonly key: VirtualKey | null
  readonly caller: Caller | null
  readonly target: Target | null
  readonly tried: RuntimeRecord['tried']
  /** A model that the grant names; any other name is a text of the caller. */
  readonly model: string | null
  readonly guard: Inspection | null
  readonly inspection: RuntimeRecord['inspection']
  readonly input: Commitment | null
  readonly usage: Usage | null
  readonly tools: NonNullable<RuntimeRecord['tools']>
  readonly timing: RuntimeRecord['timing']
}

/** What a record says of the end of a call. */
export type Ending = {
  readonly codes: readonly ReasonCode[]
  readonly released: RuntimeRecord['released']
  readonly status: number
  readonly output?: Commitment | null
  readonly content?: RuntimeRecord['content']
}

/** What the guard has done to a call that nothing else has stopped. */
export function decisionOf(guard: Inspection | null): 'allow' | 'redact' {
  return guard?.findings.worst === 'redacted' ? 'redact' : 'allow'
}

/** The record of a call that ends so. */
export function recordOf(
  state: CallState,
  { codes, content, output = null, released, status }: Ending,
  seq: number,
): RuntimeRecord {
  const { key, caller, guard, tools } = state
  const languages = guard?.languages.counts ?? null
  const [claims, scope] = [caller?.grant.claims, caller?.grant.scope]
  const [code] = codes
  // In canonical order, so that hashing it need not sort.
  const record: RuntimeRecord = {
    action: code === undefined ? decisionOf(guard) : actionOf(code),
    at: state.at,
    codes,
    dataClassMax: scope?.dataClassMax ?? null,
    deployment: key?.deployment ?? null,
    dialect: state.dialect,
    findingCount: guard?.findings.count ?? 0,
    findings: guard?.findings.told ?? [],
    grant: claims?.jti ?? null,
    ...(guard?.policy == null ? {} : { guardPolicy: guard.policy }),
    ...(guard?.shadow == null ? {} : { guardShadow: guard.shadow }),
    id: state.id,
    input: state.input,
    inspection: state.inspection,
    key: key?.id ?? null,
    ...(languages === null ? {} : { languages }),
    mode: claims?.mode ?? null,
    model: state.model,
    output,
    release: claims?.rel ?? null,
    released,
    seq,
    snapshot: caller?.snapshot.version ?? null,
    status,
    target: state.target?.id ?? null,
    tier: claims?.tier ?? null,
    timing: state.timing,
    tried: state.tried,
    usage: state.usage,
    v: 1,
    worker: state.worker,
  }
  if (content === undefined && tools.length === 0) return record
  return {
    ...record,
    ...(content === undefined ? {} : { content }),
    ...(tools.length === 0 ? {} : { tools }),
  }
}
