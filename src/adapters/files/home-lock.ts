import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../kernel/index.ts'

export type HomeLock = { readonly release: () => void }

/**
 * Takes the folder `home` for this process alone. A lock whose process is gone is taken over; a living holder is
 * named in the error (`UNAVAILABLE`).
 */
export function lockHome(home: string): HomeLock {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const path = join(home, 'lock')
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const file = openSync(path, 'wx', 0o600)
      writeSync(file, `${process.pid} ${startOf(process.pid)}\n`)
      closeSync(file)
      return { release: () => rmSync(path, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = holderOf(path)
      if (holder !== null)
        throw new AppError(
          'UNAVAILABLE',
          `the folder \`${home}\` is in use by process ${holder}; stop it, or set COUNTERSIGN_HOME to another folder`,
          { cause: error },
        )
      rmSync(path, { force: true })
    }
  }
  throw new AppError('UNAVAILABLE', `the lock in \`${home}\` changes hands too fast; try again`)
}

/** The process that holds the lock, or null when it is gone or was replaced by another process of the same number. */
function holderOf(path: string): number | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return null // released in between
  }
  const [pid, start] = text.trim().split(' ')
  const number = Number(pid)
  if (!Number.isSafeInteger(number) || number <= 0 || number === process.pid) return null
  try {
    process.kill(number, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return null
  }
  return start === startOf(number) ? number : null
}

/** When a process started, as the kernel counts it; `?` where that cannot be read. */
function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')
    return fields?.[19] ?? '?'
  } catch {
    return '?'
  }
}
