import type { RecordFinding, RuntimeRecord } from '../../src/app/ports/gateway.ts'
import { digestOf, epochMs, type DeploymentId } from '../../src/kernel/index.ts'
import { callRecord, email } from './call-record.ts'

const injected: RecordFinding = {
  ...email,
  path: '/messages/3/content',
  channel: 'tool_result',
  rule: 'role.forged-header',
  kind: 'structure',
  severity: 'high',
  sureness: 'likely',
  start: 4_180,
  end: 4_192,
}
const key: RecordFinding = {
  ...email,
  rule: 'secret.aws-access-key',
  kind: 'secret',
  severity: 'critical',
  start: 610,
  end: 630,
}

/** Calls of a deployment in which the guard found something, the newest last: redacted, blocked, of a rule nobody knows. */
export function foundCalls(deployment: DeploymentId, now: number): readonly RuntimeRecord[] {
  const common = {
    deployment,
    input: { hmac: digestOf('sent'), bytes: 18_204 },
    output: { hmac: digestOf('answered'), bytes: 2_110 },
    usage: { inputTokens: 4_120, outputTokens: 388 },
    timing: { totalMs: 1_840, firstByteMs: 322 },
  } as const
  return [
    callRecord({ ...common, at: epochMs(now - 7_200_000) }),
    callRecord({ ...common, at: epochMs(now - 3_000), dialect: 'anthropic-messages', inspection: 'none' }),
    callRecord({
      ...common,
      at: epochMs(now - 2_000),
      action: 'redact',
      findings: [
        key,
        email,
        { ...email, start: 1_210, end: 1_236, sureness: 'possible', severity: 'info', effect: 'none' },
        {
          ...email,
          side: 'output',
          path: '/choices/0/message/content',
          channel: 'model',
          rule: 'iban',
          start: 90,
          end: 112,
        },
      ],
      findingCount: 21,
    }),
    callRecord({
      ...common,
      at: epochMs(now - 1_000),
      action: 'block',
      status: 400,
      released: 'none',
      output: null,
      usage: null,
      codes: ['guard_blocked'],
      findings: [
        { ...injected, effect: 'blocked' },
        { ...injected, rule: 'later.rule', severity: 'low', start: 20, end: 60, effect: 'none' },
      ],
      findingCount: 2,
    }),
  ]
}
