/**
 * Names of the OpenTelemetry semantic conventions for generative AI, as of one version: they are still in development, and
 * a later version may call things otherwise. SPEC: open-telemetry/semantic-conventions v1.37.0, docs/gen-ai/gen-ai-spans.md.
 */
export const conventions = {
  schemaUrl: 'https://opentelemetry.io/schemas/1.37.0',
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  errorType: 'error.type',
  httpStatus: 'http.response.status_code',
  operations: { chat: 'chat', embeddings: 'embeddings', executeTool: 'execute_tool' },
  providers: { openai: 'openai', anthropic: 'anthropic' },
} as const

/** Names of our own, for which there is no convention. */
export const guardAttributes = {
  record: 'countersign.record.id',
  deployment: 'countersign.deployment.id',
  dialect: 'countersign.dialect',
  tier: 'countersign.tier',
  codes: 'countersign.codes',
  action: 'countersign.guard.action',
  inspection: 'countersign.guard.inspection',
  findings: 'countersign.guard.findings',
  kinds: 'countersign.guard.kinds',
  severity: 'countersign.guard.severity',
} as const
