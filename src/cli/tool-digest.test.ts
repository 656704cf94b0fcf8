import { expect, test } from 'vitest'
import { runIn } from '../../test/support/cli.ts'
import { toolDigestCommand } from './tool-digest.ts'

const schema = { type: 'object', properties: { host: { type: 'string' } } }
const named = { name: 'look_up', description: 'Looks up.' }
const files = {
  chat: JSON.stringify({ tools: [{ type: 'function', function: { ...named, parameters: schema } }] }),
  responses: JSON.stringify([{ type: 'function', ...named, parameters: schema, strict: true }]),
  anthropic: JSON.stringify({ ...named, input_schema: schema }),
  mcp: JSON.stringify({ tools: [{ ...named, inputSchema: schema }] }),
  unusable: JSON.stringify({ ...named, inputSchema: { $ref: 'https://a.test/schema' } }),
  hosted: JSON.stringify({ tools: [{ type: 'web_search' }] }),
  empty: '[]',
  text: 'no JSON',
}
const digest = (file: string) => runIn({ files }, [toolDigestCommand()], ['tool', 'digest', file])

test('the same tool has the same digest on every API', async () => {
  const outs = await Promise.all(['chat', 'responses', 'anthropic', 'mcp'].map(digest))
  expect(outs.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  expect(new Set(outs.map(({ out }) => out)).size).toBe(1)
  expect(outs[0]?.out).toMatch(/^sha256:[0-9a-f]{64} {2}look_up$/m)
})

test.each([
  ['unusable', 3],
  ['hosted', 3],
  ['empty', 2],
  ['text', 2],
])('%s: exit %i', async (file, code) => {
  expect((await digest(file)).code).toBe(code)
})
