import { autonomies, canonicalJson, dataClasses, effects, type Tier } from '../../kernel/index.ts'
import type { ReleaseManifest } from './manifest.ts'

export type ChangeClass = 'none' | 'minor' | 'material'
export type ChangeLine = {
  readonly field: string
  readonly from: string | null
  readonly to: string | null
  readonly class: 'minor' | 'material'
}
export type Change = { readonly class: ChangeClass; readonly lines: readonly ChangeLine[] }

/** What changed in the answers of the use case, as its questionnaire orders them by risk. */
export type AnswersChange = {
  readonly worse: readonly string[]
  readonly better: readonly string[]
  /** Changed answers that no risk order compares. */
  readonly unordered: readonly string[]
  readonly tierRaised: boolean
  readonly legalClassRaised: boolean
  readonly ownerUnitChanged: boolean
}
export const answersUnchanged: AnswersChange = {
  worse: [],
  better: [],
  unordered: [],
  tierRaised: false,
  legalClassRaised: false,
  ownerUnitChanged: false,
}

/** How the new guard and tool policy compare with the old ones. Unknown counts as incomparable. */
export type PolicyStrictness = {
  readonly guardPolicy: 'not_weaker' | 'weaker' | 'incomparable'
  readonly toolPolicy: 'not_weaker' | 'weaker' | 'incomparable'
}
const incomparable: PolicyStrictness = { guardPolicy: 'incomparable', toolPolicy: 'incomparable' }

/**
 * Whether the change from `old` to `next` keeps the approval (minor) or needs a case of kind `change` (material),
 * with one line per changed field. A field that no rule names is material.
 */
export function classifyChange(
  old: ReleaseManifest,
  next: ReleaseManifest,
  answers: AnswersChange,
  tier: Tier,
  strictness: PolicyStrictness = incomparable,
): Change {
  const found = [...answerLines(answers), ...manifestLines(old, next, strictness)]
  const lines = found.map(({ severity, ...line }): ChangeLine => ({ ...line, class: severity[tier] }))
  return { class: worstOf(lines), lines }
}

// INVARIANT: read from left to right no severity becomes weaker, so that a higher tier never has the weaker class.
type Severity = { readonly [T in Tier]: 'minor' | 'material' }
const minor: Severity = { 1: 'minor', 2: 'minor', 3: 'minor' }
const materialInTier3: Severity = { 1: 'minor', 2: 'minor', 3: 'material' }
const materialFromTier2: Severity = { 1: 'minor', 2: 'material', 3: 'material' }
const material: Severity = { 1: 'material', 2: 'material', 3: 'material' }

type Found = Omit<ChangeLine, 'class'> & { readonly severity: Severity }

function answerLines(answers: AnswersChange): Found[] {
  const line = (field: string, severity: Severity): Found => ({ field, from: null, to: null, severity })
  return [
    ...answers.worse.map((key) => line(`answers/${key}`, material)),
    ...answers.unordered.map((key) => line(`answers/${key}`, material)),
    ...answers.better.map((key) => line(`answers/${key}`, minor)),
    ...(answers.tierRaised ? [line('tier', material)] : []),
    ...(answers.legalClassRaised ? [line('legalClass', material)] : []),
    ...(answers.ownerUnitChanged ? [line('ownerUnit', material)] : []),
  ]
}

function manifestLines(old: ReleaseManifest, next: ReleaseManifest, strictness: PolicyStrictness): Found[] {
  return [
    ...scalar('schema', old.schema, next.schema, material),
    ...scalar('systemId', old.systemId, next.systemId, material),
    ...modelLines(old, next),
    ...itemLines('prompts', old.prompts, next.prompts, ({ id }) => id, {
      added: () => material,
      removed: () => material,
      members: { sha256: () => materialInTier3 },
    }),
    ...itemLines('tools', old.tools, next.tools, ({ toolId }) => toolId, {
      added: () => material,
      removed: () => minor,
      members: {
        effect: (a, b) => (effects.indexOf(b.effect) < effects.indexOf(a.effect) ? minor : material),
        autonomy: (a, b) =>
          autonomies.indexOf(b.autonomy) < autonomies.indexOf(a.autonomy) ? minor : material,
      },
    }),
    ...itemLines('dataSets', old.dataSets, next.dataSets, ({ id }) => id, {
      added: () => material,
      removed: () => material,
      members: {
        dataClass: (a, b) =>
          dataClasses.indexOf(b.dataClass) < dataClasses.indexOf(a.dataClass) ? minor : material,
        sha256: (a, b) => (a.kind === 'fine_tune' || b.kind === 'fine_tune' ? materialFromTier2 : minor),
      },
    }),
    ...itemLines('capabilities', old.capabilities, next.capabilities, (item) => item, {
      added: () => material,
      removed: () => minor,
      members: {},
    }),
    ...itemLines('regions', old.regions, next.regions, (item) => item, {
      added: () => material,
      removed: () => minor,
      members: {},
    }),
    ...itemLines('artefacts', old.artefacts, next.artefacts, ({ kind, ref }) => joined(kind, ref), {
      added: () => material,
      removed: () => material,
      members: { digest: () => materialInTier3 },
    }),
    ...scalar('guardPolicy', old.guardPolicy, next.guardPolicy, policySeverity(strictness.guardPolicy)),
    ...scalar('toolPolicy', old.toolPolicy, next.toolPolicy, policySeverity(strictness.toolPolicy)),
    ...scalar('externalSend', old.externalSend, next.externalSend, next.externalSend ? material : minor),
    ...itemLines('params', Object.entries(old.params), Object.entries(next.params), ([name]) => name, {
      added: () => material,
      removed: () => material,
      members: {},
    }),
  ]
}

function modelLines(old: ReleaseManifest, next: ReleaseManifest): Found[] {
  const nameOf = (model: { provider: string; model: string }) => canonicalJson([model.provider, model.model])
  const remaining = new Set(next.models.map(nameOf))
  return itemLines('models', old.models, next.models, (m) => joined(m.provider, m.model, m.region), {
    added: () => material,
    // One region less of a model that stays is a narrowing; a model that goes is another model.
    removed: (model) => (remaining.has(nameOf(model)) ? minor : material),
    members: { pin: (_a, b) => (b.pin === null ? material : materialFromTier2) },
  })
}

/** One key of several parts, without collisions: `a/b` and `c` differ from `a` and `b/c`. */
function joined(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
}

function policySeverity(strictness: PolicyStrictness['guardPolicy']): Severity {
  return strictness === 'not_weaker' ? minor : material
}

function scalar(field: string, from: unknown, to: unknown, severity: Severity): Found[] {
  return from === to ? [] : [{ field, from: shown(from), to: shown(to), severity }]
}

type ItemRules<T> = {
  readonly added: (item: T) => Severity
  readonly removed: (item: T) => Severity
  /** Severity of a changed member; a member that is not listed is material. */
  readonly members: { readonly [member: string]: (old: T, next: T) => Severity }
}

function itemLines<T>(
  field: string,
  old: readonly T[],
  next: readonly T[],
  keyOf: (item: T) => string,
  rules: ItemRules<T>,
): Found[] {
  const before = new Map(old.map((item) => [keyOf(item), item]))
  const after = new Map(next.map((item) => [keyOf(item), item]))
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort()
  return keys.flatMap((key): Found[] => {
    const a = before.get(key)
    const b = after.get(key)
    const path = `${field}/${key}`
    if (a === undefined && b !== undefined)
      return [{ field: path, from: null, to: shown(b), severity: rules.added(b) }]
    if (a !== undefined && b === undefined)
      return [{ field: path, from: shown(a), to: null, severity: rules.removed(a) }]
    return a === undefined || b === undefined ? [] : memberLines(path, a, b, rules)
  })
}

function memberLines<T>(path: string, a: T, b: T, rules: ItemRules<T>): Found[] {
  if (canonicalJson(a) === canonicalJson(b)) return []
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a))
    return [{ field: path, from: shown(a), to: shown(b), severity: material }]
  const before = new Map<string, unknown>(Object.entries(a))
  const after = new Map<string, unknown>(Object.entries(b))
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((member): Found[] => {
    const from = before.get(member)
    const to = after.get(member)
    const rule = Object.hasOwn(rules.members, member) ? rules.members[member] : undefined
    return scalar(`${path}/${member}`, from, to, rule?.(a, b) ?? material)
  })
}

function shown(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : canonicalJson(value)
}

function worstOf(lines: readonly ChangeLine[]): ChangeClass {
  if (lines.some((line) => line.class === 'material')) return 'material'
  return lines.length > 0 ? 'minor' : 'none'
}
