import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { epochMs, hkdfSha256, minuteMs, type EpochMs } from '../../kernel/index.ts'

/**
 * What a client is given to bring back when it asks again. SPEC: MCP 2026-07-28, multi round-trip requests: what a
 * client hands back is not to be believed unless its integrity is protected.
 */
export type RequestState = {
  /** Record of the approval that the call is attached to. */
  readonly approval: string
  readonly key: string
  readonly tool: string
  /** Digest of the arguments. */
  readonly args: string
}

const algorithm = 'aes-256-gcm'
const [nonceBytes, tagBytes, version] = [12, 16, 'csr1']
const lifetimeMs = 60 * minuteMs

/** Seals and opens states under a key that is derived from the one of approvals: one key, one purpose. */
export function createRequestStates(approvalKey: Uint8Array, now: () => EpochMs) {
  const key = hkdfSha256(approvalKey, Buffer.from('mcp-request-state'))
  const aad = Buffer.from(version)
  return {
    seal: (state: RequestState): string => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(aad)
      const plain = JSON.stringify({ ...state, until: now() + lifetimeMs })
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return `${version}.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')}`
    },
    /** Null for what this gateway did not seal, or has sealed too long ago. */
    open: (sealed: unknown): RequestState | null => {
      if (typeof sealed !== 'string' || !sealed.startsWith(`${version}.`) || sealed.length > 4_096)
        return null
      const text = sealed.slice(version.length + 1)
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length < nonceBytes + tagBytes || bytes.toString('base64url') !== text) return null
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(aad).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
      try {
        const plain = Buffer.concat([
          decipher.update(bytes.subarray(nonceBytes + tagBytes)),
          decipher.final(),
        ])
        // Nobody else holds the key, so that what opens is what was sealed.
        const state = JSON.parse(plain.toString('utf8')) as RequestState & { readonly until: number }
        return now() < epochMs(state.until) ? state : null
      } catch {
        return null // the tag does not fit: the caller then refuses
      }
    },
  }
}

export type RequestStates = ReturnType<typeof createRequestStates>
