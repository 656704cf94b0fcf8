import type { UpstreamVault } from '../../app/ports/upstream-vault.ts'
import { isId, type Secret, type UpstreamId } from '../../kernel/index.ts'
import { loadSealingKey, type SealingKey } from './sealing-key.ts'

/** Both sides of the vault: the control plane seals, the gateway opens by reference. */
export type UpstreamSecretBox = UpstreamVault & {
  /** The secret behind a reference; null when it was sealed under another key, for another upstream, or changed. */
  readonly open: (ref: string) => Secret<string> | null
}

const maxOpened = 256

/** A reference carries the sealed secret itself, so that opening one needs the key and nothing else. */
export function upstreamSecretRef(id: UpstreamId, sealed: Uint8Array): string {
  return `${id}.${Buffer.from(sealed).toString('base64url')}`
}

/** The vault whose key stands in `<folder>/upstream.key`. No secret moves to another upstream. */
export function loadUpstreamSecrets(folder: string): UpstreamSecretBox {
  const key = loadSealingKey(folder, 'upstream.key')
  const opened = new Map<string, Secret<string>>() // opening costs more than a call may spend each time
  return {
    seal: key.seal,
    open: (ref) => {
      const known = opened.get(ref)
      if (known !== undefined) return known
      const secret = openOnce(key, ref)
      if (secret === null) return null
      if (opened.size >= maxOpened) opened.clear()
      opened.set(ref, secret)
      return secret
    },
  }
}

function openOnce(key: SealingKey, ref: string): Secret<string> | null {
  const [id, text] = ref.split('.')
  return isId('upstream', id) ? key.open(id, Buffer.from(text ?? '', 'base64url')) : null
}
