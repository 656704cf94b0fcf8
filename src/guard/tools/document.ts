import { z } from 'zod'
import { digestOf, type Digest } from '../../kernel/index.ts'
import type { PolicyDocuments } from './cedar/policy-set.ts'

/** A version of the Cedar policies about tools, as it is published: the JSON form that Cedar's engine gave. */
export type ToolPolicyDocument = {
  readonly key: string
  readonly version: number
  readonly policies: PolicyDocuments
}

const form = z.strictObject({
  key: z.string().min(1).max(64),
  version: z.int().positive(),
  policies: z.record(z.string().min(1).max(200), z.json()),
})

/** Reads a document out of decoded JSON. Throws for every other form: what is published has been checked before. */
export function parseToolPolicyDocument(json: unknown): ToolPolicyDocument {
  return form.parse(json)
}

/** By what a release and its grant name a document. */
export function toolPolicyDigest(document: ToolPolicyDocument): Digest {
  return digestOf(document)
}
