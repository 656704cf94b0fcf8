import { createClient, NoAnswer } from '../contracts/client.ts'
import type { Route } from '../contracts/route.ts'
import { wellKnownKeys } from '../contracts/routes/enforcement.ts'
import { verifyTrustBundle, type TrustBundle } from '../governance/authorization/index.ts'
import { isDigest, type Digest } from '../kernel/index.ts'
import { UsageError, type CliIo } from './cli.ts'

export const rootVariable = 'COUNTERSIGN_ROOT_FINGERPRINT'

/** The pinned fingerprint of the root key, from the option or the environment; null when none is given. */
export function pinnedRoot(option: string | boolean | undefined, io: CliIo): Digest | null {
  const text = option ?? io.env[rootVariable]
  if (text === undefined || text === '') return null
  if (!isDigest(text)) throw new UsageError('a root fingerprint has the form sha256:<64 hexadecimal digits>')
  return text
}

/**
 * The keys that the server at `COUNTERSIGN_URL` publishes. Without a pinned root the one that the server names is
 * believed, and a notice says so. Throws `NoAnswer` when the pinned root has not signed them.
 */
export async function publishedKeys(io: CliIo, pinned: Digest | null): Promise<TrustBundle> {
  const baseUrl = io.env['COUNTERSIGN_URL']
  if (baseUrl === undefined || !URL.canParse(baseUrl))
    throw new UsageError('set COUNTERSIGN_URL to the address of the server')
  const routes: readonly Route[] = [wellKnownKeys]
  const client = createClient(routes, { baseUrl, fetch: io.fetch })
  const { bundle, rootFingerprint } = await client.call(wellKnownKeys, {})
  if (pinned === null)
    io.err(
      `no root is pinned: believing ${rootFingerprint} of this server; set ${rootVariable} to pin the one that you know\n`,
    )
  return signedBy(bundle, pinned ?? rootFingerprint)
}

/** The keys in a file: the token of the bundle, or the whole answer of `/.well-known/countersign/keys`. */
export async function keysInFile(io: CliIo, path: string, pinned: Digest): Promise<TrustBundle> {
  const text = (await io.readFile(path).catch(unreadable)).trim()
  return signedBy(text.startsWith('{') ? bundleIn(text) : text, pinned)
}

export function unreadable(cause: unknown): never {
  throw new UsageError('the file cannot be read', { cause })
}

function signedBy(token: string, root: Digest): TrustBundle {
  const bundle = verifyTrustBundle(token, root)
  if (bundle === null) throw new NoAnswer('the trust bundle is not signed by the pinned root')
  return bundle
}

function bundleIn(text: string): string {
  try {
    const { bundle } = JSON.parse(text) as { readonly bundle?: unknown } // checked below
    return typeof bundle === 'string' ? bundle : ''
  } catch (cause) {
    throw new UsageError('the trust bundle is no JSON', { cause })
  }
}
