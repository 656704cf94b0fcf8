import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where the providers of promptfoo are pointed: a base URL and a credential for each API. Nothing else differs. */
export type Side = Readonly<Record<'openai' | 'anthropic', { readonly url: string; readonly key: string }>>

/** What promptfoo makes of one answer. */
export type Made = {
  readonly provider: string
  readonly output: unknown
  readonly error: string | null
  readonly success: boolean
  readonly guardrailsFlagged: boolean
}

type Row = {
  readonly provider: { readonly id: string }
  readonly success: boolean
  readonly error?: string | null
  readonly response?: {
    readonly output?: unknown
    readonly error?: string
    readonly guardrails?: { readonly flagged?: boolean }
  }
}

const apis = {
  'openai:chat': 'openai',
  'openai:responses': 'openai',
  'anthropic:messages': 'anthropic',
} as const

/**
 * Runs the shipped command `promptfoo eval` with all three providers, each asking each prompt of `model`. The process has a
 * home of its own and reaches nothing but `side`: no telemetry, no update check, no sharing, no cache.
 */
export async function evaluate(
  side: Side,
  model: string,
  prompts: readonly string[],
): Promise<{ readonly exitCode: number | null; readonly made: readonly Made[]; readonly told: string }> {
  const home = await mkdtemp(join(tmpdir(), 'promptfoo-'))
  try {
    const providers = Object.entries(apis).map(([api, base]) => ({
      id: `${api}:${model}`,
      config: { apiBaseUrl: side[base].url, apiKey: side[base].key, max_tokens: 500, maxRetries: 0 },
    }))
    const wish = { prompts, providers, tests: [{ vars: { part: 1 } }], sharing: false }
    await writeFile(join(home, 'wish.json'), JSON.stringify(wish))
    const { exitCode, told } = await run(home)
    const written = await readFile(join(home, 'made.json'), 'utf8').catch(() => null)
    const found =
      written === null ? [] : (JSON.parse(written) as { results: { results: Row[] } }).results.results
    const made = found.map(({ provider, success, error, response }) => ({
      provider: provider.id,
      output: response?.output ?? null,
      error: response?.error ?? error ?? null,
      success,
      guardrailsFlagged: response?.guardrails?.flagged === true,
    }))
    return { exitCode, told, made: made.toSorted((a, b) => a.provider.localeCompare(b.provider)) }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

function run(home: string): Promise<{ readonly exitCode: number | null; readonly told: string }> {
  const entry = join(import.meta.dirname, 'node_modules/promptfoo/dist/src/entrypoint.js')
  const options = ['--no-cache', '--no-progress-bar', '--no-table', '--no-share', '--no-write', '-j', '1']
  const child = spawn(
    process.execPath,
    [entry, 'eval', '-c', join(home, 'wish.json'), '-o', join(home, 'made.json'), ...options],
    {
      cwd: home,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        PROMPTFOO_CONFIG_DIR: join(home, '.promptfoo'),
        PROMPTFOO_DISABLE_TELEMETRY: '1',
        PROMPTFOO_DISABLE_UPDATE: '1',
        PROMPTFOO_DISABLE_SHARING: '1',
        PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
        PROMPTFOO_CACHE_ENABLED: 'false',
        // What is not loopback is not reached, whatever else it may want.
        HTTPS_PROXY: 'http://127.0.0.1:1',
        HTTP_PROXY: 'http://127.0.0.1:1',
        NO_PROXY: '127.0.0.1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let told = ''
  child.stdout.on('data', (chunk: Buffer) => void (told += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => void (told += chunk.toString('utf8')))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, told }))
  })
}
