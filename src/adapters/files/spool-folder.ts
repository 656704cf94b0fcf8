import {
  closeSync,
  existsSync,
  fdatasync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LeftSpool, SpoolFile, SpoolFolder } from '../../app/ports/gateway.ts'
import { AppError } from '../../kernel/index.ts'
import { lockHome } from './home-lock.ts'

const dataSync = promisify(fdatasync)
const fileName = /^\d{8}\.jsonl$/

/** The folder of one worker below `<home>/spool`, for this process alone. `INVALID_INPUT` when nothing can be written there. */
export function openSpoolFolder(home: string, worker: string): SpoolFolder {
  const folder = join(home, 'spool', worker)
  const lock = writable(home, () => lockHome(folder))
  return {
    create: (n) => spoolFile(join(folder, `${String(n).padStart(8, '0')}.jsonl`)),
    close: () => {
      lock.release()
      if (filesIn(folder).length === 0) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What killed processes have left below `<home>/spool`, each locked; what a living one has is left out. */
export function leftSpools(home: string, own: string): readonly LeftSpool[] {
  const base = join(home, 'spool')
  const found = existsSync(base) ? readdirSync(base, { withFileTypes: true }) : []
  const workers = found.filter((entry) => entry.isDirectory() && entry.name !== own)
  return workers.flatMap(({ name: worker }) => {
    const folder = join(base, worker)
    try {
      const lock = lockHome(folder)
      return [
        {
          worker,
          lines: () => linesOf(folder),
          remove: () => rmSync(folder, { recursive: true, force: true }),
          letGo: lock.release,
        },
      ]
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAVAILABLE') return []
      throw error
    }
  })
}

function spoolFile(path: string): SpoolFile {
  const file = openSync(path, 'a', 0o600)
  let isRemoved = false
  let syncing: Promise<void> = Promise.resolve()
  return {
    append: (text) => {
      const [length, written] = [Buffer.byteLength(text), writeSync(file, text)]
      if (written !== length) throw new Error(`only ${written} of ${length} bytes were written`)
    },
    sync: async () => {
      if (isRemoved) return
      syncing = dataSync(file)
      await syncing
    },
    remove: () => {
      if (isRemoved) return
      isRemoved = true
      rmSync(path, { force: true })
      void syncing.catch(() => undefined).then(() => closeSync(file)) // what syncs it still needs it
    },
  }
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => fileName.test(name))
    .toSorted()
}

function* linesOf(folder: string): Iterable<string> {
  for (const name of filesIn(folder)) yield* readFileSync(join(folder, name), 'utf8').split('\n')
}

function writable<T>(home: string, open: () => T): T {
  try {
    return open()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('INVALID_INPUT', `nothing can be written below \`${join(home, 'spool')}\``, { cause })
  }
}
