import { charter, parseCalendar } from '../governance/committee/index.ts'
import { parseQuestionnaire, type Questionnaire } from '../governance/intake/index.ts'
import {
  historyFaults,
  looserLegalMap,
  looserTierPolicy,
  looserTriggers,
} from '../governance/policies/index.ts'
import {
  parseLegalMap,
  parseTierPolicy,
  parseTriggers,
  type Orders,
  type TierPolicy,
} from '../governance/tiering/index.ts'
import type { DocumentFault, Json, JsonObject, Reason } from '../kernel/index.ts'
import { exitCodes, printable, reasonText, UsageError, type CliCommand, type CliIo } from './cli.ts'
import { unreadable } from './trust.ts'

/** What a linter found; a document without faults has a digest where the installation would give it one. */
type Linted = { readonly faults: readonly string[]; readonly digest: string | null }
/** What a document is judged beside, each where it was given. */
type Beside = { readonly policy: JsonObject | null; readonly base: JsonObject | null }
type Lint = (document: JsonObject, beside: Beside) => Linted

const besideOptions = {
  policy: { type: 'string', help: 'tier policy whose orders the document uses' },
  base: {
    type: 'string',
    help: 'version that it follows: what it would loosen or give another meaning is a fault',
  },
} as const

/** The offline linters: they say what the installation would say, before anybody proposes anything. */
export const lintCommands: readonly CliCommand[] = [
  lintCommand('charter', 'charter', lintCharter),
  lintCommand('questionnaire', 'questionnaire', lintQuestionnaire, besideOptions),
  lintCommand('policy', 'tier policy, trigger policy, legal map or calendar', lintPolicy, besideOptions),
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
      const given = async (option: string) =>
        typeof values[option] === 'string' ? objectIn(values[option], io) : null
      const document = await objectIn(positionals[0] ?? '', io)
      const { faults, digest } = lint(document, { policy: await given('policy'), base: await given('base') })
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

function lintQuestionnaire(document: JsonObject, { policy, base }: Beside): Linted {
  if (policy === null) throw new UsageError('a questionnaire is checked against a tier policy: --policy')
  const { orders } = tierPolicyIn(policy)
  const parsed = parseQuestionnaire(document, orders)
  if (!parsed.ok) return found(parsed)
  const { digest, questionnaire } = parsed.loaded
  const against = base === null ? [] : historyFaults(questionnaire, [questionnaireIn(base, orders)])
  return found({ ok: true, digest }, against)
}

function lintPolicy(document: JsonObject, { policy, base }: Beside): Linted {
  if (Object.hasOwn(document, 'triggers')) {
    if (policy === null) throw new UsageError('a trigger policy is checked against a tier policy: --policy')
    const { orders } = tierPolicyIn(policy)
    const parsed = parseTriggers(document, orders)
    if (!parsed.ok || base === null) return found(parsed)
    return found(parsed, looserTriggers(parsed.policy, sound(parseTriggers(base, orders)).policy))
  }
  if (Object.hasOwn(document, 'gpai')) {
    const parsed = parseLegalMap(document)
    if (!parsed.ok || base === null) return found(parsed)
    return found(parsed, looserLegalMap(parsed.map, sound(parseLegalMap(base)).map))
  }
  if (Object.hasOwn(document, 'holidays')) return found(parseCalendar(document))
  const parsed = parseTierPolicy(document)
  if (!parsed.ok) return found(parsed)
  const { policy: own, digest } = parsed.compiled
  return found({ ok: true, digest }, base === null ? [] : looserTierPolicy(own, tierPolicyIn(base)))
}

function tierPolicyIn(document: JsonObject): TierPolicy {
  return sound(parseTierPolicy(document)).compiled.policy
}

function questionnaireIn(document: JsonObject, orders: Orders): Questionnaire {
  return sound(parseQuestionnaire(document, orders)).loaded.questionnaire
}

function sound<T extends { readonly ok: true }>(
  parsed: T | { readonly ok: false; readonly faults: readonly DocumentFault[] },
): T {
  if (!parsed.ok) throw new UsageError('the document beside it has faults itself: lint that one first')
  return parsed
}

function found(
  parsed:
    | { readonly ok: true; readonly digest: string }
    | { readonly ok: false; readonly faults: readonly DocumentFault[] },
  against: readonly Reason[] = [],
): Linted {
  const faults = (parsed.ok ? against : parsed.faults).map(reasonText)
  return { faults, digest: parsed.ok && faults.length === 0 ? parsed.digest : null }
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
