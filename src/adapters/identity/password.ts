import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** Cost of argon2id. SPEC: RFC 9106 section 4, second recommended option: 64 MiB, 3 passes, 4 lanes. */
export type PasswordCost = { readonly memoryKiB: number; readonly passes: number; readonly lanes: number }
export const defaultPasswordCost: PasswordCost = { memoryKiB: 65_536, passes: 3, lanes: 4 }

export type PasswordFault = 'too_short' | 'too_long' | 'too_common' | 'not_text'
export const minPasswordLength = 15
export const maxPasswordLength = 128

/** Words that people build passwords from; a password that is little more than one of them is refused. */
const commonWords = [
  'password',
  'passwort',
  'countersign',
  'welcome',
  'letmein',
  'qwerty',
  'qwertz',
  'administrator',
  'admin',
  'security',
  'changeme',
  'iloveyou',
  'monkey',
  'dragon',
  'football',
  'baseball',
  'summer',
  'winter',
  'spring',
  'autumn',
  'sunshine',
  'princess',
  'superman',
  'starwars',
  'trustno',
  'secret',
  'master',
  'abcdefgh',
  'asdfghjk',
  'correcthorsebatterystaple',
]

const derive = promisify(argon2)
const inParallel = 4

/** Hashes and checks passwords, at most four at a time, so that sign-ins cannot exhaust the memory. */
export type Passwords = {
  readonly hash: (password: string) => Promise<string>
  /** Whether `password` is the one of `stored`. Without `stored` it costs the same and is never true. */
  readonly verify: (password: string, stored: string | null) => Promise<boolean>
  /** Whether `stored` was made with less than the cost of today. */
  readonly isWeak: (stored: string) => boolean
}

export function createPasswords(cost: PasswordCost = defaultPasswordCost): Passwords {
  let running = 0
  const waiting: (() => void)[] = []

  async function limited<T>(work: () => Promise<T>): Promise<T> {
    if (running >= inParallel) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
    try {
      return await work()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
  const digestOf = (password: string, salt: Uint8Array, by: PasswordCost, length: number) =>
    limited(() =>
      derive('argon2id', {
        message: Buffer.from(normalised(password), 'utf8'),
        nonce: salt,
        parallelism: by.lanes,
        tagLength: length,
        memory: by.memoryKiB,
        passes: by.passes,
      }),
    )
  return {
    hash: async (password) => {
      const salt = randomBytes(16)
      return encode(cost, salt, await digestOf(password, salt, cost, 32))
    },
    verify: async (password, stored) => {
      const parsed = stored === null ? null : decode(stored)
      const { by, salt, digest } = parsed ?? { by: cost, salt: Buffer.alloc(16), digest: Buffer.alloc(32) }
      const found = await digestOf(password, salt, by, digest.length)
      return timingSafeEqual(found, digest) && parsed !== null
    },
    isWeak: (stored) => {
      const by = decode(stored)?.by
      return (
        by === undefined || by.memoryKiB < cost.memoryKiB || by.passes < cost.passes || by.lanes < cost.lanes
      )
    },
  }
}

/** Why a new password is refused; null when it is accepted. SPEC: NIST SP 800-63B-4: length and block list, no composition. */
export function passwordFault(password: string, context: readonly string[] = []): PasswordFault | null {
  if (!password.isWellFormed() || /\p{Cc}/u.test(password)) return 'not_text'
  const text = normalised(password)
  const length = Array.from(text).length
  if (length < minPasswordLength) return 'too_short'
  if (length > maxPasswordLength) return 'too_long'
  const folded = text.toLowerCase()
  const words = [
    ...commonWords,
    ...context.map((word) => word.toLowerCase()).filter((word) => word.length >= 4),
  ]
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), folded).replaceAll(/[\d\s\p{P}]/gu, '')
  return Array.from(rest).length < 6 || new Set(folded).size < 6 ? 'too_common' : null
}

function normalised(password: string): string {
  return password.normalize('NFKC')
}

/** PHC string form. */
function encode(by: PasswordCost, salt: Uint8Array, digest: Uint8Array): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${by.memoryKiB},t=${by.passes},p=${by.lanes}$${text(salt)}$${text(digest)}`
}

function decode(
  stored: string,
): { readonly by: PasswordCost; readonly salt: Buffer; readonly digest: Buffer } | null {
  const found =
    /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{22,})$/.exec(
      stored,
    )
  const [, memory, passes, lanes, salt, digest] = found ?? []
  if (salt === undefined || digest === undefined) return null
  const by = { memoryKiB: Number(memory), passes: Number(passes), lanes: Number(lanes) }
  return { by, salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') }
}
