import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
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
  const draft = `${path}.${randomBytes(4).toString('hex')}.new`
  const file = openSync(draft, 'wx', 0o600)
  writeSync(file, content)
  fsyncSync(file)
  closeSync(file)
  try {
    linkSync(draft, path) // and not renamed: of two processes that start at once, the first one decides
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') renameSync(draft, path) // a file system without links
  } finally {
    rmSync(draft, { force: true })
  }
}
