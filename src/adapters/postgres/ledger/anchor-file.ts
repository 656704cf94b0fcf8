import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The head that was last published, kept outside the database: a restored backup is then noticed. */
export type Anchor = { readonly size: number; readonly root: string }

/** Reads the anchor; null when none was ever written. Throws when the file is not one. */
export function readAnchor(path: string): Anchor | null {
  if (!existsSync(path)) return null
  const [size, root] = readFileSync(path, 'utf8').trim().split(' ')
  if (!/^\d+$/.test(size ?? '') || !/^[0-9a-f]{64}$/.test(root ?? ''))
    throw new Error(`\`${path}\` is not an anchor file; restore it from a copy`)
  return { size: Number(size), root: root ?? '' }
}

/** Replaces the anchor durably: temporary file, fsync, rename, fsync of the folder. */
export function writeAnchor(path: string, anchor: Anchor): void {
  const draft = `${path}.new`
  const file = openSync(draft, 'w', 0o600)
  try {
    writeFileSync(file, `${anchor.size} ${anchor.root}\n`) // whole or not at all: a short write is an error
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
  if (process.platform === 'win32') return // folders cannot be synchronised there
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
