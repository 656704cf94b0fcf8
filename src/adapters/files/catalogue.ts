import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalogue } from '../../app/ports/catalogue.ts'
import { charter, parseCalendar } from '../../governance/committee/index.ts'
import { parseQuestionnaire } from '../../governance/intake/index.ts'
import type { publication } from '../../governance/policies/index.ts'
import { parseLegalMap, parseTierPolicy, parseTriggers } from '../../governance/tiering/index.ts'
import type { Digest, DocumentFault, JsonObject } from '../../kernel/index.ts'

/** Loads and checks the shipped catalogue. Throws with every fault: a product with a broken catalogue does not start. */
export function loadCatalogue(folder: string): Catalogue {
  const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as JsonObject // our own files
  const policy = sound('tier policy', parseTierPolicy(read('tier-policies/security-ai.1.json'))).compiled
  const { orders } = policy.policy
  const form = read('questionnaires/security-ai.1.json')
  const questionnaire = sound('questionnaire', parseQuestionnaire(form, orders)).loaded
  const triggers = sound('triggers', parseTriggers(read('triggers/default.1.json'), orders))
  const legal = sound('legal map', parseLegalMap(read('legal-maps/eu-ai-act.1.json')))
  const calendar = sound('calendar', parseCalendar(read('calendars/weekdays.1.json')))
  const { labels: _, ...logic } = questionnaire.questionnaire
  const publish = (
    kind: publication.DocumentKind,
    document: { readonly key: string; readonly version: number },
    digest: Digest,
  ): publication.Publication => ({
    kind,
    key: document.key,
    version: document.version,
    digest,
    document: JSON.parse(JSON.stringify(document)) as JsonObject, // parsed by its schema, so plain JSON
  })
  return {
    forUseCases: {
      questionnaire,
      policy,
      legalMap: legal.map,
      legalMapDigest: legal.digest,
      triggers: triggers.policy,
    },
    calendar: calendar.calendar,
    charterTemplate: charter.parseCharterTemplate(read('charters/default.1.json')),
    publications: [
      publish('questionnaire', logic, questionnaire.digest),
      publish('tier_policy', policy.policy, policy.digest),
      publish('trigger_policy', triggers.policy, triggers.digest),
      publish('legal_map', legal.map, legal.digest),
      publish('calendar', calendar.calendar, calendar.digest),
    ],
  }
}

function sound<T extends { readonly ok: boolean }>(
  name: string,
  parsed: T,
): Extract<T, { readonly ok: true }> {
  if (parsed.ok) return parsed as Extract<T, { readonly ok: true }> // the union is discriminated by `ok`
  const { faults } = parsed as unknown as { readonly faults: readonly DocumentFault[] }
  const lines = faults.map(({ path = '', params }) => `${path}: ${params.fault}`)
  throw new Error(`the catalogue's ${name} has faults:\n${lines.join('\n')}`)
}
