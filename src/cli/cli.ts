import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { NoAnswer, ProblemError } from '../contracts/client.ts'
import type { Problem } from '../contracts/problem.ts'

/** What the process leaves behind; scripts rely on it. */
export const exitCodes = { ok: 0, internal: 1, usage: 2, refused: 3, unverifiable: 4 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Everything that a command touches outside itself. */
export type CliIo = {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly fetch: typeof fetch
  readonly readFile: (path: string) => Promise<string>
  /** Writes with mode 0600. */
  readonly writeFile: (path: string, text: string) => Promise<void>
  /** Asks whoever sits at the terminal, with or without showing what they type; null where nobody does. */
  readonly ask: ((question: string, answer: 'shown' | 'hidden') => Promise<string>) | null
}

export type CliOption = {
  readonly type: 'string' | 'boolean'
  readonly help: string
  readonly required?: boolean
}

export type CliInput = {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positionals: readonly string[]
  readonly io: CliIo
  readonly json: boolean
  /** Prints a result: `value` with `--json`, else `text`. */
  readonly print: (value: unknown, text: string) => void
}

/** One command as data. `name` may have several words: `gate check`. */
export type CliCommand = {
  readonly name: string
  readonly summary: string
  readonly positionals?: readonly string[]
  /** What follows `--` is another command line, whatever it looks like. */
  readonly takesCommand?: boolean
  readonly options?: Readonly<Record<string, CliOption>>
  readonly run: (input: CliInput) => Promise<number>
}

/** The command line is wrong; shown with the help of the command. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Runs the command that `argv` names and returns the exit code. Never throws. */
export async function runCli(
  commands: readonly CliCommand[],
  argv: readonly string[],
  io: CliIo,
): Promise<number> {
  const command = find(commands, argv)
  if (command === undefined) {
    const asked = argv.length === 0 || argv[0] === '--help' || argv[0] === 'help'
    ;(asked ? io.out : io.err)(overview(commands))
    return asked ? exitCodes.ok : exitCodes.usage
  }
  const rest = argv.slice(command.name.split(' ').length)
  const end = command.takesCommand === true ? rest.indexOf('--') : -1
  const own = end === -1 ? rest : rest.slice(0, end)
  if (own.includes('--help')) {
    io.out(helpOf(command))
    return exitCodes.ok
  }
  const json = own.includes('--json')
  try {
    const { values, positionals } = parse(command, rest)
    const print = (value: unknown, text: string) => io.out(json ? `${JSON.stringify(value)}\n` : `${text}\n`)
    return await command.run({ values, positionals, io, json, print })
  } catch (error) {
    return report(error, command, json, io)
  }
}

function find(commands: readonly CliCommand[], argv: readonly string[]): CliCommand | undefined {
  return commands
    .filter(({ name }) => name.split(' ').every((word, index) => argv[index] === word))
    .toSorted((a, b) => b.name.length - a.name.length)[0]
}

function parse(command: CliCommand, args: readonly string[]): Pick<CliInput, 'values' | 'positionals'> {
  const options: ParseArgsOptionsConfig = { json: { type: 'boolean' } }
  for (const [name, { type }] of Object.entries(command.options ?? {})) options[name] = { type }
  let parsed: Pick<CliInput, 'values' | 'positionals'>
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    })
    parsed = { values: values as CliInput['values'], positionals } // no option is declared multiple
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : 'wrong options', { cause })
  }
  const absent = Object.entries(command.options ?? {})
    .filter(([name, option]) => option.required === true && parsed.values[name] === undefined)
    .map(([name]) => `--${name}`)
  if (absent.length > 0) throw new UsageError(`missing: ${absent.join(', ')}`)
  if (command.takesCommand === true) {
    if (parsed.positionals.length > 0) return parsed
    throw new UsageError('missing: the command, after --')
  }
  const wanted = command.positionals?.length ?? 0
  if (parsed.positionals.length !== wanted)
    throw new UsageError(`expected ${wanted} arguments, got ${parsed.positionals.length}`)
  return parsed
}

function report(error: unknown, command: CliCommand, json: boolean, io: CliIo): ExitCode {
  if (error instanceof ProblemError) {
    io.err(json ? `${JSON.stringify(error.problem)}\n` : problemText(error.problem))
    return exitOf(error.problem)
  }
  const usage = error instanceof UsageError
  const code = usage
    ? exitCodes.usage
    : error instanceof NoAnswer
      ? exitCodes.unverifiable
      : exitCodes.internal
  const message = error instanceof Error ? error.message : 'unknown error'
  io.err(json ? `${JSON.stringify({ error: message })}\n` : `${message}\n${usage ? helpOf(command) : ''}`)
  return code
}

/** The exit code of a problem: wrong input is usage, a refusal is 3, and a server that cannot answer proves nothing. */
export function exitOf(problem: Problem): ExitCode {
  if (problem.status >= 500 || problem.status === 429) return exitCodes.unverifiable
  return problem.code === 'INVALID_INPUT' || problem.code === 'NOT_FOUND'
    ? exitCodes.usage
    : exitCodes.refused
}

/** What somebody at the command line can do about a problem. */
const hints: ReadonlyMap<string, string> = new Map([
  ['UNAUTHENTICATED', 'sign in with `countersign login`, or set COUNTERSIGN_API_KEY'],
  [
    'STEP_UP_REQUIRED',
    'a one-time code: `countersign call stepUp.totp --body \'{"code": "…"}\'`; a passkey: a browser',
  ],
])

/** A problem for people, with every reason and every field at fault. */
export function problemText(problem: Problem): string {
  const lines = [`${problem.code}: ${problem.detail}`]
  for (const reason of problem.reasons) lines.push(`  - ${reasonText(reason)}`)
  for (const fault of problem.errors ?? []) lines.push(`  - ${fault.in}${fault.pointer}: ${fault.message}`)
  const hint = hints.get(problem.code)
  if (hint !== undefined) lines.push(`  ${hint}`)
  if (problem.requestId !== '') lines.push(`  request ${problem.requestId}`)
  return `${printable(lines.join('\n'))}\n`
}

/** One reason on one line. */
export function reasonText(reason: Problem['reasons'][number]): string {
  const params = Object.entries(reason.params).map(([name, value]) => `${name}=${String(value)}`)
  return [reason.code, ...params, ...(reason.path === undefined ? [] : [`at ${reason.path}`])].join(' ')
}

// UNTRUSTED: a server must not drive the terminal with escape sequences.
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd')
}

function overview(commands: readonly CliCommand[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length), 0)
  const lines = commands
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: countersign <command> [options]\n\n${lines.join('\n')}\n\nEvery command takes --help and --json.\n`
}

function helpOf(command: CliCommand): string {
  const places = (command.positionals ?? []).map((name) => ` <${name}>`).join('')
  const json: CliOption = { type: 'boolean', help: 'print JSON' }
  const options = Object.entries({ ...command.options, json })
  const lines = options.map(
    ([name, { type, help, required }]) =>
      `  --${name}${type === 'string' ? ' <value>' : ''}  ${help}${required === true ? ' (required)' : ''}`,
  )
  const wrapped = command.takesCommand === true ? ' -- <command> [arguments]' : ''
  return `Usage: countersign ${command.name}${places} [options]${wrapped}\n\n${command.summary}\n\n${lines.join('\n')}\n`
}
