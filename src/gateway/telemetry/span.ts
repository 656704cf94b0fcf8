import { digestOfBytes, unreachable } from '../../kernel/index.ts'
import type { RuntimeRecord } from '../ports.ts'
import { conventions, guardAttributes } from './conventions.ts'

type Value =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly arrayValue: { readonly values: readonly Value[] } }
export type Attribute = { readonly key: string; readonly value: Value }

/** A span in the JSON form of OTLP. SPEC: opentelemetry-proto v1, trace.proto; ids in hex, integers of 64 bits as text. */
export type Span = {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly kind: 3 // client
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code: 0 | 2 }
}

/** Most characters of a model's name, which a caller has chosen. */
const longestName = 128

/**
 * The span of a call. Its ids are computed from the id of the record, so that one leads to the other. INVARIANT: nothing
 * of a text is in it, since nothing of it is in a record.
 */
export function spanOf(record: RuntimeRecord): Span {
  const { id, at, action, codes, findings, usage, timing, deployment, tier } = record
  const hex = digestOfBytes(id).slice('sha256:'.length)
  const operation = operationOf(record.dialect)
  const model = record.model?.slice(0, longestName) ?? null
  const failed = action === 'block' || action === 'fault'
  const worst = findings[0]
  return {
    traceId: hex.slice(0, 32),
    spanId: hex.slice(32, 48),
    name:
      operation === null ? record.dialect : model === null ? operation.name : `${operation.name} ${model}`,
    kind: 3,
    startTimeUnixNano: nanos(at - timing.totalMs),
    endTimeUnixNano: nanos(at),
    attributes: [
      ...(operation === null ? [] : [text(conventions.operation, operation.name)]),
      ...(operation?.provider === undefined ? [] : [text(conventions.provider, operation.provider)]),
      ...(model === null ? [] : [text(conventions.requestModel, model)]),
      ...(usage === null
        ? []
        : [
            integer(conventions.inputTokens, usage.inputTokens),
            integer(conventions.outputTokens, usage.outputTokens),
          ]),
      ...(failed ? [text(conventions.errorType, codes[0] ?? action)] : []),
      integer(conventions.httpStatus, record.status),
      text(guardAttributes.record, id),
      ...(deployment === null ? [] : [text(guardAttributes.deployment, deployment)]),
      text(guardAttributes.dialect, record.dialect),
      ...(tier === null ? [] : [integer(guardAttributes.tier, tier)]),
      list(guardAttributes.codes, codes),
      text(guardAttributes.action, action),
      text(guardAttributes.inspection, record.inspection),
      integer(guardAttributes.findings, record.findingCount),
      list(guardAttributes.kinds, [...new Set(findings.map(({ kind }) => kind))]),
      ...(worst === undefined ? [] : [text(guardAttributes.severity, worst.severity)]),
    ],
    status: { code: failed ? 2 : 0 },
  }
}

function operationOf(dialect: RuntimeRecord['dialect']): { name: string; provider?: string } | null {
  const { operations, providers } = conventions
  switch (dialect) {
    case 'openai-chat':
    case 'openai-responses':
      return { name: operations.chat, provider: providers.openai }
    case 'openai-embeddings':
      return { name: operations.embeddings, provider: providers.openai }
    case 'anthropic-messages':
      return { name: operations.chat, provider: providers.anthropic }
    case 'mcp':
      return { name: operations.executeTool }
    case 'guard-check':
      return null // no model is called
    default:
      return unreachable(dialect)
  }
}

function nanos(ms: number): string {
  return `${Math.round(ms)}000000`
}

function text(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } }
}

function integer(key: string, value: number): Attribute {
  return { key, value: { intValue: `${value}` } }
}

function list(key: string, values: readonly string[]): Attribute {
  return { key, value: { arrayValue: { values: values.map((value) => ({ stringValue: value })) } } }
}
