import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ShippedToolPolicy } from '../../app/ports/shipped-tool-policies.ts'
import {
  parseToolPolicyDocument,
  toolPolicyDigest,
  type ToolPolicyDocument,
} from '../../guard/tools/document.ts'
import type { Digest } from '../../kernel/index.ts'

/** Loads the shipped policies about tools, by digest. Throws on a fault: a gateway with a broken policy does not start. */
export function loadToolPolicies(folder: string): ReadonlyMap<Digest, ToolPolicyDocument> {
  const path = join(folder, 'tool-policies')
  const documents = readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .map((name) => parseToolPolicyDocument(JSON.parse(readFileSync(join(path, name), 'utf8'))))
  return new Map(documents.map((document) => [toolPolicyDigest(document), document]))
}

/** The same as people read them: with the Cedar text beside the form that gateways compile. */
export function loadShippedToolPolicies(folder: string): readonly ShippedToolPolicy[] {
  return [...loadToolPolicies(folder)].map(([digest, { key, version, policies }]) => {
    const text = readFileSync(join(folder, 'tool-policies', `${key}.${version}.cedar`), 'utf8')
    return { key, version, digest, text, policies }
  })
}

/** The Cedar schema of what policies about tools may speak of. */
export function loadToolPolicyModel(folder: string): string {
  return readFileSync(join(folder, 'tool-policies', 'model.1.cedarschema'), 'utf8')
}
