import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCli } from '../cli/cli.ts'
import { nodeIo } from '../cli/node-io.ts'
import { gatewayCheckCommand } from './gateway-check-command.ts'

const home = mkdtempSync(join(tmpdir(), 'cs-check-'))
afterAll(() => rmSync(home, { recursive: true }))

/** What is said of the model that `file` names. */
async function saidOf(file: string | null): Promise<string | undefined> {
  let out = ''
  await runCli([gatewayCheckCommand], ['gateway', 'check-config'], {
    ...nodeIo(),
    env: { COUNTERSIGN_HOME: home, ...(file === null ? {} : { COUNTERSIGN_GUARD_CLASSIFIER: file }) },
    out: (text) => (out += text),
  })
  return out.split('\n').find((line) => line.includes('classifier'))
}

test('a model that a gateway could not start with is a fault', async () => {
  expect(await saidOf(null)).toMatch(/^ok +classifier +none$/)
  expect(await saidOf(join(home, 'missing.onnx'))).toMatch(/^FAULT +classifier .*cannot be read$/)
  const broken = join(home, 'broken.onnx')
  writeFileSync(broken, 'no model')
  expect(await saidOf(broken)).toMatch(/^FAULT +classifier .*cannot be loaded/)
})
