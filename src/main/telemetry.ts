import { z } from 'zod'
import { createOtlpSender, type Collector } from '../adapters/outgoing/otlp.ts'
import type { Log } from '../gateway/ports.ts'
import { createSpanExporter, type SpanExporter } from '../gateway/telemetry/exporter.ts'
import { AppError, Secret } from '../kernel/index.ts'

export type TelemetryConfig = {
  /** Where probes and scrapes are answered; null: nowhere. */
  readonly admin: { readonly host: string; readonly port: number } | null
  /** Null: no span is made. */
  readonly traces: (Collector & { readonly resource: Readonly<Record<string, string>> }) | null
}

const url = z.url({ protocol: /^https?$/ })
/** Names as the OpenTelemetry specification has them (configuration by environment variables, OTLP exporter). */
const environment = z.object({
  COUNTERSIGN_ADMIN_HOST: z.string().min(1).default('127.0.0.1'),
  COUNTERSIGN_ADMIN_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.literal('http/json').optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.literal('http/json').optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().default(''),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: z.string().optional(),
  OTEL_EXPORTER_OTLP_TIMEOUT: z.coerce.number().int().min(1).max(60_000).default(10_000),
  OTEL_SERVICE_NAME: z.string().min(1).default('countersign'),
  OTEL_RESOURCE_ATTRIBUTES: z.string().default(''),
})

/** Reads what is told to whom from the environment. Throws `INVALID_INPUT` naming every variable at fault. */
export function readTelemetry(env: NodeJS.ProcessEnv): TelemetryConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `\`${issue.path.join('.')}\`: ${issue.message}`)
    throw new AppError('INVALID_INPUT', `the environment has faults: ${faults.join('; ')}`)
  }
  const read = parsed.data
  const port = read.COUNTERSIGN_ADMIN_PORT
  return {
    admin: port === undefined ? null : { host: read.COUNTERSIGN_ADMIN_HOST, port },
    traces: tracesIn(read),
  }
}

function tracesIn(read: z.output<typeof environment>): TelemetryConfig['traces'] {
  const base = read.OTEL_EXPORTER_OTLP_ENDPOINT
  // SPEC: the path is added to the general endpoint, and not to that of the traces.
  const address =
    read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
    (base === undefined ? undefined : `${base.replace(/\/$/, '')}/v1/traces`)
  const isOff = read.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || read.OTEL_TRACES_EXPORTER === 'none'
  if (address === undefined || isOff) return null
  return {
    url: address,
    headers: new Secret(
      pairsIn(
        read.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? read.OTEL_EXPORTER_OTLP_HEADERS,
        'OTEL_EXPORTER_OTLP_HEADERS',
      ),
    ),
    timeoutMs: read.OTEL_EXPORTER_OTLP_TIMEOUT,
    resource: {
      ...pairsIn(read.OTEL_RESOURCE_ATTRIBUTES, 'OTEL_RESOURCE_ATTRIBUTES'),
      'service.name': read.OTEL_SERVICE_NAME,
    },
  }
}

/** `key=value` pairs, separated by commas, percent-encoded. The fault names the variable and not what stands in it. */
function pairsIn(text: string, variable: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').flatMap((pair) => (pair.trim() === '' ? [] : [pair]))
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      try {
        if (at < 1) throw new Error('no pair')
        return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]
      } catch {
        throw new AppError(
          'INVALID_INPUT',
          `the environment has faults: \`${variable}\`: pairs \`key=value\` are wanted`,
        )
      }
    }),
  )
}

/** What makes spans of calls leave; null when nobody collects them. */
export function startSpans(traces: TelemetryConfig['traces'], worker: string, log: Log): SpanExporter | null {
  if (traces === null) return null
  const sender = createOtlpSender(traces)
  const resource = { ...traces.resource, 'service.instance.id': worker }
  const exporter = createSpanExporter({
    send: sender.send,
    resource: Object.entries(resource).map(([key, value]) => ({ key, value: { stringValue: value } })),
    log,
  })
  exporter.start()
  return {
    ...exporter,
    close: async () => {
      await exporter.close()
      await sender.close()
    },
  }
}
