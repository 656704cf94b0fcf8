import type { Script } from './script.ts'

const text = {
  k: 'text',
  text: 'Likely noise: “svc-backup” opens such sessions each night. Grüße, 日本語 and 👩🏽‍🚀 arrive whole.\n\tEnd.',
} as const
const reasoning = {
  k: 'reasoning',
  text: 'The host talks to a rare domain. Is there a job that explains it?',
  signature: 'c2lnbmVkIGJ5IG5vYm9keSwgb3BhcXVlIHRvIGFsbA==',
} as const
const lookUp = { k: 'call', name: 'look_up_host', args: { host: 'srv-7', fields: ['owner', 'os'] } } as const
const lookUpToo = {
  k: 'call',
  name: 'look_up_user',
  args: { user: 'svc-backup', 'odd "key"': '\\ \u2028 }{' },
} as const
const verdict = { severity: 'low', confidence: 0.75, reasons: ['nightly job', 'known "owner"'] }
const ready = { answers: [{ parts: [text] }] } as const
const wait = { answers: [{ parts: [lookUp] }, { parts: [text] }] } as const

/** A key of a form that every detector of secrets knows; nobody's. */
export const obviousSecret = ['AKIA', 'QYLPMN5HIS7VLZ4X'].join('')

/** What a model of each name does. A test may add scripts of its own. */
export const scenarios = {
  text: ready,
  empty: { answers: [{ parts: [{ k: 'text', text: '' }] }] },
  long: { answers: [{ parts: [{ k: 'text', text: 'Nothing unusual was seen here. '.repeat(16) }] }] },
  cut: { answers: [{ parts: [text], ends: 'length' }] },
  filtered: { answers: [{ parts: [{ k: 'text', text: 'This far' }], ends: 'filter' }] },
  refusal: { answers: [{ parts: [{ k: 'refusal', text: 'I cannot help with that.' }] }] },
  reasoning: { answers: [{ parts: [reasoning, text] }] },
  redacted: { answers: [{ parts: [{ k: 'redacted', data: 'b3BhcXVl' }, text] }] },
  tool: wait,
  parallel: { answers: [{ parts: [lookUp, lookUpToo] }, { parts: [text] }] },
  'said-and-called': { answers: [{ parts: [reasoning, text, lookUp] }, { parts: [text] }] },
  'two-rounds': { answers: [{ parts: [lookUp] }, { parts: [lookUpToo] }, { parts: [text] }] },
  structured: { answers: [{ parts: [{ k: 'text', text: JSON.stringify(verdict) }] }] },
  leak: { answers: [{ parts: [{ k: 'text', text: `Use ${obviousSecret} from now on.` }] }] },
  'status-400': { ...ready, fault: { k: 'status', status: 400 } },
  'status-401': { ...ready, fault: { k: 'status', status: 401 } },
  'status-404': { ...ready, fault: { k: 'status', status: 404 } },
  'status-429': { ...ready, fault: { k: 'status', status: 429, headers: { 'retry-after': '1' } } },
  'status-500': { ...ready, fault: { k: 'status', status: 500 } },
  'status-529': { ...ready, fault: { k: 'status', status: 529 } },
  hang: { ...ready, fault: { k: 'hang' } },
  'reset-at-once': { ...ready, fault: { k: 'reset', afterBytes: 0 } },
  'reset-within': { ...ready, fault: { k: 'reset', afterBytes: 10 } },
  'reset-between': { ...ready, fault: { k: 'reset', afterEvents: 4 } },
  'truncated-frame': { ...ready, fault: { k: 'truncated_frame', afterEvents: 4 } },
  'too-short': { ...ready, fault: { k: 'wrong_length', by: 10 } },
  'too-long': { ...ready, fault: { k: 'wrong_length', by: -10 } },
  drip: { ...ready, fault: { k: 'drip', pauseMs: 1 } },
  'error-in-200': { ...ready, fault: { k: 'error_in_200' } },
  'error-within': { ...ready, fault: { k: 'error_in_200', afterEvents: 3 } },
  'wrong-type': { ...ready, fault: { k: 'wrong_type', type: 'text/html' } },
  'gzip-bomb': { ...ready, fault: { k: 'gzip_bomb', bytes: 16 * 1_048_576 } },
} as const satisfies Readonly<Record<string, Script>>

export type Scenario = keyof typeof scenarios
