import { hasKey, keyFingerprint, sharedKeys } from '../adapters/files/installation-keys.ts'
import type { Query } from '../app/ports/query.ts'
import { AppError, type Digest } from '../kernel/index.ts'

const prefix = 'key_fingerprint/'

/**
 * Makes sure that `folder` holds the keys with which this installation began; a key that it has never had is made. Another
 * process with keys of its own would sign a second history that nobody can reconcile with the first.
 * Throws `FAIL_CLOSED` naming every key that is missing or another one; it makes none then.
 */
export async function assertKeys(folder: string, query: Query): Promise<void> {
  const known = await readFingerprints(query)
  const missing = sharedKeys.filter((name) => known.has(name) && !hasKey(folder, name))
  if (missing.length > 0) throw wrongKeys(folder, 'missing', missing)
  const own = sharedKeys.map((name) => [name, keyFingerprint(folder, name)] as const)
  await query(
    `insert into settings (name, value) select $1 || k.name, k.fingerprint
     from unnest($2::text[], $3::text[]) as k (name, fingerprint) on conflict do nothing`,
    [prefix, own.map(([name]) => name), own.map(([, fingerprint]) => fingerprint)],
  )
  const agreed = await readFingerprints(query) // of two processes that start at once, the first one decides
  const others = own.filter(([name, fingerprint]) => agreed.get(name) !== fingerprint).map(([name]) => name)
  if (others.length > 0) throw wrongKeys(folder, 'not the same', others)
}

async function readFingerprints(query: Query): Promise<ReadonlyMap<string, Digest>> {
  const rows = await query<{ name: string; value: Digest }>(
    'select name, value from settings where starts_with(name, $1)',
    [prefix],
  )
  return new Map(rows.map(({ name, value }) => [name.slice(prefix.length), value]))
}

function wrongKeys(folder: string, how: 'missing' | 'not the same', names: readonly string[]): AppError {
  const list = names.map((name) => `\`${name}\``).join(', ')
  return new AppError(
    'FAIL_CLOSED',
    `\`${folder}\` does not hold the keys of this installation (${how}: ${list}): give this process the folder \`keys\` of the first one, or that of the backup`,
  )
}
