import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalogue } from '../../app/ports/catalogue.ts'
import { charter } from '../../governance/committee/index.ts'
import { compileSet, documentKinds, publication, type Documents } from '../../governance/policies/index.ts'
import type { JsonObject } from '../../kernel/index.ts'

/** Loads and checks the shipped catalogue. Throws with every fault: a product with a broken catalogue does not start. */
export function loadCatalogue(folder: string): Catalogue {
  const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as JsonObject // our own files
  const documents: Documents = {
    questionnaire: read('questionnaires/security-ai.1.json'),
    tier_policy: read('tier-policies/security-ai.1.json'),
    trigger_policy: read('triggers/default.1.json'),
    legal_map: read('legal-maps/eu-ai-act.1.json'),
    calendar: read('calendars/weekdays.1.json'),
  }
  const compiled = compileSet(documents)
  if (!compiled.ok) {
    const lines = compiled.faults.map(({ path = '', params }) => `${params.document}${path}: ${params.fault}`)
    throw new Error(`the catalogue has faults:\n${lines.join('\n')}`)
  }
  return {
    ...compiled.set,
    documents,
    publications: documentKinds.map((kind) => {
      const { key, version } = documents[kind] as { readonly key: string; readonly version: number } // compiled above
      return publication.publicationOf(kind, key, version, documents[kind])
    }),
    charterTemplate: charter.parseCharterTemplate(read('charters/default.1.json')),
  }
}
