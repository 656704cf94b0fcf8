import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** What the key file at `path` holds. It is created (mode 0600, fsync, whole or not at all) with `fresh` when there is none. */
export function keyFile(path: string, fresh: () => Uint8Array): Buffer {
  if (!existsSync(path)) create(path, fresh())
  return readFileSync(path)
}

function create(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.new`
  const file = openSync(draft, 'w', 0o600)
  writeSync(file, content)
  fsyncSync(file)
  closeSync(file)
  renameSync(draft, path)
}
