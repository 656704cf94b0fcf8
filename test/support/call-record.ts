import type { RecordFinding, RuntimeRecord } from '../../src/app/ports/gateway.ts'
import { epochMs } from '../../src/kernel/index.ts'
import { fresh } from './gateway-fixture.ts'

/** An address that a user has written, and that was taken out. */
export const email: RecordFinding = {
  side: 'input',
  path: '/messages/0/content',
  channel: 'user',
  rule: 'email',
  kind: 'pii',
  severity: 'high',
  sureness: 'certain',
  start: 3,
  end: 20,
  effect: 'redacted',
}

/** A call without findings that was let through, unless `more` says otherwise. */
export function callRecord(more: Partial<RuntimeRecord> = {}): RuntimeRecord {
  return {
    v: 1,
    id: fresh('record'),
    worker: 'w',
    seq: 0,
    at: epochMs(Date.now()),
    key: null,
    deployment: null,
    release: null,
    grant: null,
    tier: 1,
    mode: 'enforce',
    snapshot: 1,
    dialect: 'openai-chat',
    model: 'demo/demo',
    target: null,
    dataClassMax: null,
    action: 'allow',
    inspection: 'complete',
    released: 'full',
    status: 200,
    codes: [],
    findings: [],
    findingCount: 0,
    input: null,
    output: null,
    usage: null,
    timing: { totalMs: 1, firstByteMs: null },
    tried: [],
    ...more,
  }
}
