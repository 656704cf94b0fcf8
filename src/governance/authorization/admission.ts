import { z } from 'zod'
import type { Reason } from '../../kernel/index.ts'
import type { GateAnswer } from './gate.ts'

// SPEC: Kubernetes admission.k8s.io/v1 AdmissionReview.

/** What an admission review asks about. */
export type AdmissionQuestion = {
  readonly uid: string
  readonly operation: string
  readonly deployment: string | null
  readonly release: string | null
  /** Images of all containers, init and ephemeral ones too; null when the object has no known pod template. */
  readonly images: readonly string[] | null
}
export type AdmissionFacts = {
  readonly gate: GateAnswer
  /** The release of the grant with audience `admission`; null without a verified one. */
  readonly grantedRelease: string | null
  /** Digests of the image artefacts of the manifest. */
  readonly imageDigests: readonly string[]
}
export type AdmissionReply = {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly response: {
    readonly uid: string
    readonly allowed: boolean
    readonly status?: { readonly code: number; readonly message: string }
    readonly warnings?: readonly string[]
  }
}

/** Reads a review; null when it is none, to be answered with `answerAdmission(null, ...)`. */
export function readAdmission(review: unknown): AdmissionQuestion | null {
  const parsed = reviewForm.safeParse(review)
  if (!parsed.success) return null
  const { uid, operation, object } = parsed.data.request
  const template = templateIn(object)
  // The annotations of the pod decide; those of its controller only when the pod has none.
  const own = objectForm.safeParse(object).data?.metadata?.annotations ?? {}
  const annotations = { ...own, ...template?.metadata?.annotations }
  const images = template?.spec === undefined ? null : imagesOf(template.spec)
  return {
    uid,
    operation,
    deployment: annotations['countersign/deployment'] ?? null,
    release: annotations['countersign/release'] ?? null,
    images,
  }
}

/** Answers a review. In mode `dry_run` everything is let through, and what would be denied becomes warnings. */
export function answerAdmission(
  question: AdmissionQuestion | null,
  facts: AdmissionFacts | null,
  mode: 'enforce' | 'dry_run',
): AdmissionReply {
  // Who sends no valid review learns nothing and gets nothing, in either mode.
  if (question === null) return reply('', false, [{ code: 'REVIEW_INVALID', params: {} }])
  // Removing a workload is a stop: it is never held up.
  if (question.operation === 'DELETE') return reply(question.uid, true, [])
  const reasons = objectionsTo(question, facts)
  if (mode === 'enforce' || reasons.length === 0) return reply(question.uid, reasons.length === 0, reasons)
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: question.uid, allowed: true, warnings: reasons.map(textOf) },
  }
}

const containers = z.array(z.object({ image: z.string().max(2_000) })).max(200)
const podSpecForm = z.object({
  containers: containers.min(1),
  initContainers: containers.nullish(),
  ephemeralContainers: containers.nullish(),
})
type PodSpec = z.infer<typeof podSpecForm>
const metadataForm = z.object({ annotations: z.record(z.string(), z.string()).nullish() })
const templateForm = z.object({ metadata: metadataForm.nullish(), spec: podSpecForm })
const objectForm = z.object({ kind: z.string(), metadata: metadataForm.nullish(), spec: z.unknown() })
const reviewForm = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string().min(1).max(200),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    object: z.unknown().optional(),
  }),
})

function templateIn(object: unknown): z.infer<typeof templateForm> | null {
  const parsed = objectForm.safeParse(object)
  if (!parsed.success) return null
  if (parsed.data.kind === 'Pod') return templateForm.safeParse(object).data ?? null
  const direct = z.object({ template: templateForm }).safeParse(parsed.data.spec)
  if (direct.success) return direct.data.template
  const nested = z
    .object({ jobTemplate: z.object({ spec: z.object({ template: templateForm }) }) })
    .safeParse(parsed.data.spec)
  return nested.success ? nested.data.jobTemplate.spec.template : null
}

function imagesOf(spec: PodSpec): string[] {
  return [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].map(
    ({ image }) => image,
  )
}

function objectionsTo(question: AdmissionQuestion, facts: AdmissionFacts | null): Reason[] {
  const reasons: Reason[] = []
  if (question.deployment === null) reasons.push({ code: 'DEPLOYMENT_NOT_ANNOTATED', params: {} })
  if (question.release === null) reasons.push({ code: 'RELEASE_NOT_ANNOTATED', params: {} })
  if (question.images === null) reasons.push({ code: 'WORKLOAD_UNREADABLE', params: {} })
  if (facts === null) return [...reasons, { code: 'AUTHORIZATION_UNAVAILABLE', params: {} }]
  if (facts.gate.verdict !== 'allow') reasons.push(...facts.gate.reasons)
  if (facts.gate.verdict !== 'allow' && facts.gate.reasons.length === 0)
    reasons.push({ code: 'NOT_AUTHORIZED', params: {} })
  if (facts.grantedRelease === null) reasons.push({ code: 'GRANT_NOT_LIVE', params: {} })
  else if (facts.grantedRelease !== question.release)
    reasons.push({ code: 'RELEASE_NOT_APPROVED', params: { approved: facts.grantedRelease } })
  for (const image of question.images ?? []) {
    const digest = /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1]
    if (digest === undefined) reasons.push({ code: 'IMAGE_WITHOUT_DIGEST', params: { image } })
    else if (!facts.imageDigests.includes(digest))
      reasons.push({ code: 'IMAGE_NOT_IN_RELEASE', params: { image } })
  }
  return reasons
}

function reply(uid: string, allowed: boolean, reasons: readonly Reason[]): AdmissionReply {
  const message = `countersign: ${reasons.map(textOf).join('; ')}`
  const response = allowed ? { uid, allowed } : { uid, allowed, status: { code: 403, message } }
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}

function textOf({ code, params }: Reason): string {
  const values = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`)
  return [code, ...values].join(' ').slice(0, 256)
}
