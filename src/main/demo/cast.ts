import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createSoftwareAuthenticator,
  type HandedOver,
  type SoftwareAuthenticator,
} from '../../adapters/software-authenticator/software-authenticator.ts'
import type { Cast } from '../../app/identity/visitor.ts'
import type { UserId } from '../../kernel/index.ts'
import type { Config } from '../config.ts'
import type { Person } from './person.ts'

const fileName = 'passkeys.json'

/** Keeps the passkeys of invented people, so that whoever looks at the demo can sign as one of them. */
export async function keepPasskeys(home: string, people: readonly Person[]): Promise<void> {
  const kept = Object.fromEntries(people.map(({ id, handOverPasskey }) => [id, handOverPasskey()]))
  await writeFile(join(home, fileName), `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 })
}

/** Signs with the kept passkeys; there are none before the demo has been filled. */
export function castOf({ home, origin }: Pick<Config, 'home' | 'origin'>): Cast {
  const devices = new Map<UserId, SoftwareAuthenticator>()
  const deviceOf = async (person: UserId) => {
    const known = devices.get(person)
    if (known !== undefined) return known
    const text = await readFile(join(home, fileName), 'utf8').catch(() => '{}') // not filled yet
    const kept = JSON.parse(text) as Readonly<Record<UserId, HandedOver | undefined>> // our own form
    const passkey = Object.hasOwn(kept, person) ? kept[person] : undefined
    if (passkey === undefined) return null
    // A counter never goes back, also when the demo was stopped without a word: it begins at the second of its start.
    const device = createSoftwareAuthenticator(
      { rpId: new URL(origin).hostname, origin },
      { ...passkey, signCount: Math.floor(Date.now() / 1_000) },
    )
    devices.set(person, device)
    return device
  }
  return { sign: async (person, challenge) => (await deviceOf(person))?.assert({ challenge }) ?? null }
}
