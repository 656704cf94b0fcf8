import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The operating-system account that runs the server. PostgreSQL refuses to run as root. */
export type RunAccount = { readonly uid: number; readonly gid: number; readonly name: string }

/** Accounts tried in this order when this process is root: they exist on most systems and own little. */
const candidates = ['postgres', 'nobody']

/** Null when this process is not root: the server then runs as ourselves. Throws when root finds no account. */
export function runAccount(): RunAccount | null {
  if (process.getuid?.() !== 0) return null
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const name of candidates) {
    const [, , uid, gid] = accounts.find((fields) => fields[0] === name) ?? []
    if (uid !== undefined && gid !== undefined && uid !== '0')
      return { uid: Number(uid), gid: Number(gid), name }
  }
  throw new Error(
    'PostgreSQL does not run as root and there is no account `postgres` or `nobody`; start as an ordinary user or set DATABASE_URL',
  )
}

/** Whether `account` may enter every folder above `path`, and `path` itself. */
export function canReach(path: string, account: RunAccount): boolean {
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (at === dirname(at)) return true
  }
}
