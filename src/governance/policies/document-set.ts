import {
  documentFault,
  type Digest,
  type DocumentFault,
  type JsonObject,
  type Reason,
} from '../../kernel/index.ts'
import { parseCalendar, type Calendar } from '../committee/index.ts'
import { parseQuestionnaire, type LoadedQuestionnaire, type useCase } from '../intake/index.ts'
import { parseLegalMap, parseTierPolicy, parseTriggers, type LegalMap } from '../tiering/index.ts'

/** Kinds of versioned data by which decisions are made. */
export const documentKinds = [
  'questionnaire',
  'tier_policy',
  'trigger_policy',
  'legal_map',
  'calendar',
] as const
export type DocumentKind = (typeof documentKinds)[number]

/** One document of each kind, as somebody wrote it. */
export type Documents = { readonly [K in DocumentKind]: JsonObject }

/** One document of each kind, read, checked against each other and made ready. */
export type PolicySet = {
  readonly forUseCases: useCase.Catalogue
  readonly calendar: Calendar
  readonly digests: { readonly [K in DocumentKind]: Digest }
}

/** A fault with the document in whose place it stands. */
export type SetFault = Reason<DocumentFault['code'], { fault: string; document: DocumentKind }>
export type CompiledSet =
  | { readonly ok: true; readonly set: PolicySet }
  | { readonly ok: false; readonly faults: readonly SetFault[] }

/**
 * Reads a set of documents that shall decide together: a questionnaire asks what its policies rank and its legal map
 * tests, and triggers name what is asked. Every fault of every document at once.
 */
export function compileSet(documents: Documents): CompiledSet {
  const faults: SetFault[] = []
  const take = <T extends { readonly ok: true }>(
    document: DocumentKind,
    parsed: T | { readonly ok: false; readonly faults: readonly DocumentFault[] },
  ): T | null => {
    if (parsed.ok) return parsed
    faults.push(...parsed.faults.map((fault) => inDocument(document, fault)))
    return null
  }
  const tiers = take('tier_policy', parseTierPolicy(documents.tier_policy))
  const legal = take('legal_map', parseLegalMap(documents.legal_map))
  const days = take('calendar', parseCalendar(documents.calendar))
  const orders = tiers?.compiled.policy.orders
  const asked = orders && take('questionnaire', parseQuestionnaire(documents.questionnaire, orders))
  const triggers = orders && take('trigger_policy', parseTriggers(documents.trigger_policy, orders))
  if (asked && legal)
    faults.push(...legalFaults(asked.loaded, legal.map).map((fault) => inDocument('questionnaire', fault)))
  if (faults.length > 0 || !tiers || !legal || !days || !asked || !triggers) return { ok: false, faults }
  return {
    ok: true,
    set: {
      forUseCases: {
        questionnaire: asked.loaded,
        policy: tiers.compiled,
        legalMap: legal.map,
        legalMapDigest: legal.digest,
        triggers: triggers.policy,
      },
      calendar: days.calendar,
      digests: {
        questionnaire: asked.loaded.digest,
        tier_policy: tiers.compiled.digest,
        trigger_policy: triggers.digest,
        legal_map: legal.digest,
        calendar: days.digest,
      },
    },
  }
}

function inDocument(document: DocumentKind, { params, ...fault }: DocumentFault): SetFault {
  return { ...fault, params: { ...params, document } }
}

/** What the legal map tests must be asked so that it can be answered: else no use case is ever more than undetermined. */
function legalFaults(asked: LoadedQuestionnaire, map: LegalMap): readonly DocumentFault[] {
  const typeOf = (key: string) => asked.byKey.get(key)?.type
  const incomplete = (key: string, fault: string) =>
    documentFault(['questions', key], `\`${key}\` ${fault}`, 'QUESTIONNAIRE_INCOMPLETE')
  return [
    ...[...map.prohibited, ...map.transparency, map.gpai].flatMap(({ key }) => {
      const type = typeOf(key)
      const isYesOrNo = type?.k === 'choice' && ['no', 'yes'].every((option) => type.options.includes(option))
      return isYesOrNo ? [] : [incomplete(key, 'must be a choice of `no` and `yes`')]
    }),
    ...[map.annexIII, map.role].flatMap(({ key }) =>
      typeOf(key)?.k === 'multi_choice' ? [] : [incomplete(key, 'must be a choice of several')],
    ),
  ]
}
