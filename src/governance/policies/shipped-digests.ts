import type { Digest } from '../../kernel/index.ts'
import type { DocumentKind } from './document-set.ts'

/**
 * Every version that has ever come with the product. Who verifies a log tells by it what was shipped from what somebody
 * says was. A version is added when it is published and never removed; a test compares the catalogue.
 */
export const shippedDigests: { readonly [K in DocumentKind]: readonly string[] } = {
  questionnaire: [
    'sha256:11b11701dfb516c87dda11d24cc1091e73d6a272e7ce99958570945c697c752d',
    'sha256:59a582d3d45726d0892f44a5bc2c208022685331c57144dd0b1ec2bd125b8d60',
  ],
  tier_policy: ['sha256:d1ffffd650ee4ea4dc7e09bb23aabbf827242307f6607e627bb650637d323854'],
  trigger_policy: ['sha256:eef54890cc281b7f7f4d7369116a2e07d37a4b9ce522eff17c3c9716d206a4cc'],
  legal_map: ['sha256:4fe25aaba58c70e87ef9c227e12ac4350ff055822f87f639e334f504786bbaa4'],
  calendar: ['sha256:a6f879dc5d550623633f036487131b464716f75914f54e28ce1f7ef7ac825e64'],
}

/** Whether the product has shipped this version of a document. */
export function wasShipped(kind: DocumentKind, digest: Digest): boolean {
  return shippedDigests[kind].includes(digest)
}
