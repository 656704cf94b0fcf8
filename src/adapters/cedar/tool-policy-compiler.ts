import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import type { CheckedDraft, DraftFault, ToolPolicyCompiler } from '../../app/ports/tool-policy-compiler.ts'
import { compileAsides, conditionAnnotations } from '../../guard/tools/asides.ts'
import { compilePolicies, type PolicyDocuments } from '../../guard/tools/cedar/policy-set.ts'
import { canonicalJson, NotCanonical, type Json } from '../../kernel/index.ts'
import { cedarVersion, parsePolicies } from './cedar-wasm.ts'

const ownArgs = 'type Args = {};'
const mostFaults = 50

/** Checks drafts by Cedar's own engine and by the compiler of the gateways. `model`: the Cedar schema that ships. */
export function createToolPolicyCompiler(model: string): ToolPolicyCompiler {
  if (!model.includes(ownArgs)) throw new Error('the model has no place for own arguments')
  return {
    check: ({ text, args }) => {
      const argsFault = faultOfArgs(args)
      if (argsFault !== null) return refused([argsFault])
      const schema = model.replace(ownArgs, () => `type Args = ${args};`)
      const argsAt = Buffer.byteLength(schema.slice(0, schema.indexOf(`type Args = ${args};`))) + 12
      // Parsed as one text, so that what is wrong has its place in it.
      const validated = cedar.validate({ schema, policies: { staticPolicies: text } })
      const inText = (errors: readonly cedar.DetailedError[]) => faultsOf('text', text, 0, errors)
      if (validated.type === 'failure') {
        const parsing = cedar.checkParsePolicySet({ staticPolicies: text })
        return refused(
          parsing.type === 'failure'
            ? inText(parsing.errors)
            : faultsOf('args', args, argsAt, validated.errors),
        )
      }
      const typing = [...validated.validationErrors, ...validated.validationWarnings]
      const parsed = parsePolicies(text)
      if (!parsed.ok || typing.length > 0)
        return refused([
          ...inText(typing.map(({ error }) => error)),
          ...(parsed.ok ? [] : parsed.faults.map(({ policy, message }) => whole(policy, message))),
        ])
      const faults = compilerFaults(parsed.policies)
      return faults.length > 0
        ? refused(faults)
        : { ok: true, policies: parsed.policies, text: parsed.text, engine: cedarVersion }
    },
  }
}

/** The type of the arguments stands inside of the model: it must be one record and nothing after it. */
function faultOfArgs(args: string): DraftFault | null {
  const trimmed = args.trim()
  const isRecord = trimmed.startsWith('{') && trimmed.endsWith('}') && !/[;/"@]/.test(trimmed)
  return isRecord
    ? null
    : { part: 'args', line: null, column: null, message: 'a record type such as `{ amount?: Long }`' }
}

/** What Cedar takes and gateways do not. */
function compilerFaults(policies: PolicyDocuments): DraftFault[] {
  if (Object.keys(policies).length === 0)
    return [whole('', 'there is no policy: then every call of a tool is denied')]
  const compiled = compilePolicies(policies)
  if (!compiled.ok)
    return compiled.faults.map(({ policy, fault }) => whole(policy, `gateways cannot compile it: ${fault}`))
  const beside = compileAsides(policies)
  const faults = beside.ok
    ? []
    : beside.faults.map(({ policy, fault }) => whole(policy, `its condition cannot be used: ${fault}`))
  const strange = Object.entries(policies).flatMap(([id, policy]) =>
    annotationsOf(policy)
      .filter((name) => !knownAnnotations.has(name))
      .map((name) => whole(id, `there is no annotation \`@${name}\`; known are ${told}`)),
  )
  if (faults.length + strange.length > 0) return [...faults, ...strange]
  try {
    canonicalJson(policies)
    return []
  } catch (cause) {
    if (!(cause instanceof NotCanonical)) throw cause
    return [whole('', 'a number beyond 9007199254740991 cannot be kept exactly')]
  }
}

/** Others would be passed over in silence, however much whoever wrote them relies on them. */
const knownAnnotations: ReadonlySet<string> = new Set([
  'id',
  'description',
  ...Object.keys(conditionAnnotations),
])
const told = [...knownAnnotations].map((name) => `\`@${name}\``).join(', ')

function annotationsOf(policy: Json | undefined): readonly string[] {
  const { annotations = {} } = policy as { readonly annotations?: object } // of the engine's own form
  return Object.keys(annotations)
}

/** Of several faults at one place the first is told: a rule is checked once for each action. */
function refused(faults: readonly DraftFault[]): CheckedDraft {
  const places = new Set<string>()
  const told = faults.filter(({ part, line, column, message }) => {
    const place = line === null ? message : `${part} ${line} ${column}`
    const isNew = !places.has(place)
    places.add(place)
    return isNew
  })
  return { ok: false, faults: told.slice(0, mostFaults) }
}

function whole(policy: string, message: string): DraftFault {
  return {
    part: 'text',
    line: null,
    column: null,
    message: policy === '' ? message : `\`${policy}\`: ${message}`,
  }
}

/** Cedar counts bytes of UTF-8 from the beginning of the whole text. */
function faultsOf(
  part: DraftFault['part'],
  text: string,
  beginsAt: number,
  errors: readonly cedar.DetailedError[],
): DraftFault[] {
  const bytes = Buffer.from(text, 'utf8')
  return errors.map(({ message, help, sourceLocations }) => {
    const [location] = sourceLocations ?? []
    const told = message.replace(/^for policy `policy\d+`, /, '')
    const label = location?.label ?? null
    const more = [label, help].filter((item) => item !== null).join('; ')
    const place =
      location === undefined
        ? { line: null, column: null }
        : placeAt(bytes.subarray(0, Math.max(0, location.start - beginsAt)).toString('utf8'))
    return { part, ...place, message: more === '' ? told : `${told} (${more})` }
  })
}

function placeAt(before: string): { readonly line: number; readonly column: number } {
  const lines = before.split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
