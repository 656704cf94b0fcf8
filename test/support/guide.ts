import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** One `sh` block of a guide, with the `text` block that directly promises its output. */
export type Step = {
  readonly guide: string
  readonly line: number
  readonly script: string
  readonly promised: string | null
}

/** The `sh` blocks of a guide in order. */
export function stepsOf(guide: string): readonly Step[] {
  const text = readFileSync(join(root, guide), 'utf8')
  const fences = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
  return fences.flatMap((fence, n): Step[] => {
    const [, kind, script = ''] = fence
    if (kind !== 'sh') return []
    const next = fences[n + 1]
    const line = text.slice(0, fence.index).split('\n').length
    return [{ guide, line, script, promised: next?.[1] === 'text' ? (next[2] ?? '') : null }]
  })
}

/** Whether `printed` is what was promised, where `...` stands for anything, also for whole lines. */
export function keeps(printed: string, promised: string): boolean {
  const form = promised
    .trim()
    .split(/\s*\.\.\.\s*/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[\\s\\S]*?')
  return new RegExp(`^${form}$`).test(printed.trim())
}

export type Ran = { readonly code: number | null; readonly out: string; readonly errors: string }

/** A shell that keeps variables and functions from step to step. */
export function createShell(folder: string, env: NodeJS.ProcessEnv) {
  const state = join(folder, 'shell-state')
  return (script: string, input = ''): Promise<Ran> => {
    const kept = `[ -f '${state}' ] && . '${state}' 2>/dev/null\nset -a\n`
    const child = spawn(
      'bash',
      ['-c', `${kept}${script}\ncode=$?\n{ export -p; declare -f; } > '${state}'\nexit $code`],
      {
        cwd: root,
        env,
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    )
    let [out, errors] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.stdin.on('error', () => undefined) // a script that reads nothing may end first
    child.stdin.end(input)
    return new Promise((done) => child.on('close', (code) => done({ code, out, errors })))
  }
}

export type Background = {
  readonly printed: () => string
  readonly until: (form: RegExp) => Promise<void>
  /** Asks the whole process group to end, as Ctrl-C does, and waits. */
  readonly stop: () => Promise<void>
}

/** Runs a step that goes on, as in a terminal of its own. */
export function startStep(script: string, env: NodeJS.ProcessEnv): Background {
  const child = spawn('bash', ['-c', script], { cwd: root, env, detached: true, stdio: 'pipe' })
  let printed = ''
  let hasEnded = false
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const ended = new Promise<void>((done) =>
    child.on('close', () => {
      hasEnded = true
      done()
    }),
  )
  return {
    printed: () => printed,
    until: async (form) => {
      for (let tries = 0; !form.test(printed); tries += 1) {
        if (hasEnded || tries > 1_200) throw new Error(`it never printed ${form}: ${printed}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    stop: async () => {
      if (child.pid !== undefined && !hasEnded) process.kill(-child.pid, 'SIGINT')
      await ended
    },
  }
}
