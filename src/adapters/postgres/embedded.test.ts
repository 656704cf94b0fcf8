import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startEmbedded } from './embedded.ts'

test('a server that does not start says why, each time anew', async () => {
  const home = mkdtempSync(join(tmpdir(), 'cs-embedded-'))
  const starting = (setting: string) =>
    startEmbedded({ home, log: () => undefined, settings: { [setting]: 'nonsense' } })
  for (const setting of ['shared_buffers', 'max_connections'])
    await expect(starting(setting)).rejects.toThrow(
      `did not start (exit 1: invalid value for parameter "${setting}": "nonsense")`,
    )
  rmSync(home, { recursive: true })
})
