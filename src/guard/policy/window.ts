import { hkdfSha256, hmacDigest, type DeploymentId, type Digest } from '../../kernel/index.ts'
import { canonical, originalOf } from '../normalise/canonical.ts'
import type { Channel, Span } from '../text.ts'

/** UTF-16 units on each side of a finding that belong to it: the same words elsewhere are another text. */
const around = 160
/** Most units of a finding that are compared; a longer one is compared by its beginning, its end and its length. */
const longest = 4_096

/**
 * The text by which a finding is known again: what was found and what stands round it, in the canonical form in which
 * rules read it, so that case, invisible characters and spaces make no difference.
 */
export function windowText(text: string, span: Span): string {
  const { start: from, end: to } = windowOf(text, span)
  const length = to - from
  if (length <= longest) return foldedOf(text.slice(from, to))
  const half = longest / 2
  return `${foldedOf(text.slice(from, from + half))}\u0000${length}\u0000${foldedOf(text.slice(to - half, to))}`
}

/** A finding and what stands round it. */
export function windowOf(text: string, { start, end }: Span): Span {
  return { start: Math.max(0, start - around), end: Math.min(text.length, end + around) }
}

/** The key by which an installation names windows, from the key of its conversations. */
export function windowKeyOf(conversationKey: Uint8Array): Uint8Array {
  return hkdfSha256(conversationKey, new TextEncoder().encode('guard-window'))
}

/** Where a finding stands that is looked up among those that are allowed. */
export type WindowPlace = {
  readonly deployment: DeploymentId
  readonly channel: Channel
  readonly rule: string
}

/**
 * The digest of a window, under a key of the installation: whoever reads records cannot test guesses of a text, and the
 * same text in another deployment has another digest.
 */
export function windowDigest(
  key: Uint8Array,
  { deployment, channel, rule }: WindowPlace,
  window: string,
): Digest {
  return hmacDigest(key, `${deployment}\u0000${channel}\u0000${rule}\u0000`, window)
}

function foldedOf(text: string): string {
  return canonical(originalOf(text)).folded.text.trim()
}
