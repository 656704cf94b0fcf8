import { charter, parseCalendar } from '../governance/committee/index.ts'
import { parseQuestionnaire } from '../governance/intake/index.ts'
import { parseLegalMap, parseTierPolicy, parseTriggers } from '../governance/tiering/index.ts'
import type { DocumentFault, Json, JsonObject } from '../kernel/index.ts'
import { exitCodes, printable, reasonText, UsageError, type CliCommand, type CliIo } from './cli.ts'
import { unreadable } from './trust.ts'

/** What a linter found; a document without faults has a digest where the installation would give it one. */
type Linted = { readonly faults: readonly string[]; readonly digest: string | null }
type Lint = (document: JsonObject, policy: JsonObject | null) => Linted

const policyOption = {
  policy: { type: 'string', help: 'tier policy whose orders the document uses' },
} as const

/** The offline linters: they say what the installation would say, before anybody proposes anything. */
export const lintCommands: readonly CliCommand[] = [
  lintCommand('charter', 'charter', lintCharter),
  lintCommand('questionnaire', 'questionnaire', lintQuestionnaire, policyOption),
  lintCommand('policy', 'tier policy, trigger policy, legal map or calendar', lintPolicy, policyOption),
]

function lintCommand(
  name: string,
  what: string,
  lint: Lint,
  options: NonNullable<CliCommand['options']> = {},
): CliCommand {
  return {
    name: `${name} lint`,
    summary: `Check a ${what} in a file, offline: exit 0 sound, 3 with every fault`,
    positionals: ['file'],
    options,
    run: async ({ positionals, values, io, print }) => {
      const document = await objectIn(positionals[0] ?? '', io)
      const policy = typeof values['policy'] === 'string' ? await objectIn(values['policy'], io) : null
      const { faults, digest } = lint(document, policy)
      const sound = digest === null ? 'sound' : `sound: ${digest}`
      print(
        { faults, digest },
        printable(faults.length === 0 ? sound : faults.map((fault) => `- ${fault}`).join('\n')),
      )
      return faults.length === 0 ? exitCodes.ok : exitCodes.refused
    },
  }
}

/** Offline nobody is known to be suspended or an administrator; the installation checks that again. */
function lintCharter(document: JsonObject): Linted {
  const anybody = { isActive: () => true, isAdministrator: () => false }
  if (!Object.hasOwn(document, 'seats')) return parsedBy(() => charter.parseCharterTemplate(document))
  const faults = charter.lintCharter(document, anybody).map(reasonText)
  if (faults.length > 0) return { faults, digest: null }
  return { faults, digest: charter.charterDigest(document as charter.Charter) } // linted above
}

function lintQuestionnaire(document: JsonObject, policy: JsonObject | null): Linted {
  if (policy === null) throw new UsageError('a questionnaire is checked against a tier policy: --policy')
  const parsed = parseQuestionnaire(document, ordersIn(policy))
  return found(parsed.ok ? { ok: true, digest: parsed.loaded.digest } : parsed)
}

function lintPolicy(document: JsonObject, policy: JsonObject | null): Linted {
  if (Object.hasOwn(document, 'triggers')) {
    if (policy === null) throw new UsageError('a trigger policy is checked against a tier policy: --policy')
    return found(parseTriggers(document, ordersIn(policy)))
  }
  if (Object.hasOwn(document, 'gpai')) return found(parseLegalMap(document))
  if (Object.hasOwn(document, 'holidays')) return found(parseCalendar(document))
  const parsed = parseTierPolicy(document)
  return found(parsed.ok ? { ok: true, digest: parsed.compiled.digest } : parsed)
}

function ordersIn(policy: JsonObject) {
  const parsed = parseTierPolicy(policy)
  if (!parsed.ok) throw new UsageError('the tier policy has faults itself: see `policy lint`')
  return parsed.compiled.policy.orders
}

function found(
  parsed:
    | { readonly ok: true; readonly digest: string }
    | { readonly ok: false; readonly faults: readonly DocumentFault[] },
): Linted {
  return parsed.ok
    ? { faults: [], digest: parsed.digest }
    : { faults: parsed.faults.map(reasonText), digest: null }
}

function parsedBy(parse: () => unknown): Linted {
  try {
    parse()
    return { faults: [], digest: null }
  } catch (error) {
    return { faults: [error instanceof Error ? error.message : 'unreadable'], digest: null }
  }
}

async function objectIn(path: string, io: CliIo): Promise<JsonObject> {
  const text = await io.readFile(path).catch(unreadable)
  try {
    const value = JSON.parse(text) as Json // JSON text
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject // an object
  } catch (cause) {
    throw new UsageError(`\`${path.slice(0, 200)}\` is no JSON`, { cause })
  }
  throw new UsageError(`\`${path.slice(0, 200)}\` holds no JSON object`)
}
