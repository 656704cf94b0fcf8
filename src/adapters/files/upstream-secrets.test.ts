import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { Secret, epochMs, idFrom } from '../../kernel/index.ts'
import { loadUpstreamSecrets, upstreamSecretRef } from './upstream-secrets.ts'

const folder = mkdtempSync(join(tmpdir(), 'cs-vault-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const upstream = (n: number) => idFrom('upstream', epochMs(n), new Uint8Array(10))

test('what was sealed opens after a restart, for its own upstream alone', () => {
  const sealed = loadUpstreamSecrets(folder).seal(upstream(1), new Secret('sk-provider-ü'))
  const vault = loadUpstreamSecrets(folder)
  expect(vault.open(upstreamSecretRef(upstream(1), sealed))?.reveal()).toBe('sk-provider-ü')
  expect(vault.open(upstreamSecretRef(upstream(2), sealed))).toBeNull()
  expect(statSync(join(folder, 'upstream.key')).mode & 0o777).toBe(0o600)
})

test('sealing twice gives two texts, and no text holds the secret', () => {
  const vault = loadUpstreamSecrets(folder)
  const [a, b] = [vault.seal(upstream(1), new Secret('same')), vault.seal(upstream(1), new Secret('same'))]
  expect(Buffer.from(a).equals(b)).toBe(false)
  expect(Buffer.from(a).includes('same')).toBe(false)
  const opened = vault.open(upstreamSecretRef(upstream(1), a))
  expect([inspect(opened), JSON.stringify(opened)]).toEqual(['[secret]', '"[secret]"'])
})

test('every changed byte, a cut, another key and a foreign text open nothing', () => {
  const vault = loadUpstreamSecrets(folder)
  const sealed = Buffer.from(vault.seal(upstream(1), new Secret('abc')))
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(vault.open(upstreamSecretRef(upstream(1), changed))).toBeNull()
    expect(vault.open(upstreamSecretRef(upstream(1), sealed.subarray(0, at)))).toBeNull()
  }
  const other = loadUpstreamSecrets(join(folder, 'other'))
  expect(other.open(upstreamSecretRef(upstream(1), sealed))).toBeNull()
  for (const ref of ['', 'demo', '.', `${upstream(1)}.`, `${upstream(1)}.%%`])
    expect(vault.open(ref)).toBeNull()
})

test('a damaged key file is an error and not a new key', () => {
  const broken = join(folder, 'broken')
  loadUpstreamSecrets(broken)
  writeFileSync(join(broken, 'upstream.key'), 'short')
  expect(() => loadUpstreamSecrets(broken)).toThrow('does not hold a key')
})
