import type { ApprovalQuestion } from '../../app/ports/approval.ts'
import { digestOfBytes, hmacDigest, rfc8785 } from '../../kernel/index.ts'
import type { Caller } from '../admit.ts'
import type { AskedCall } from '../tools.ts'

/**
 * What people are asked about one call. `conversation`: what tells this conversation from others of the key. The attach
 * key binds key, conversation, tool and arguments, each with its length, so that no two quadruples are written alike.
 */
export function questionOf(
  secret: Uint8Array,
  { key, route, grant }: Caller,
  conversation: string,
  { tool, definition, args, reasons }: AskedCall,
): ApprovalQuestion {
  const shown = rfc8785(args)
  const digest = digestOfBytes(shown)
  const parts = [key.id, conversation, tool, digest].map((part) => `${part.length}:${part}`)
  return {
    attach: hmacDigest(secret, 'approval', ...parts),
    key: key.id,
    deployment: route.deployment,
    release: grant.claims.rel,
    epoch: grant.claims.epo,
    tool,
    definition,
    args: digest,
    shown,
    reasons,
  }
}
