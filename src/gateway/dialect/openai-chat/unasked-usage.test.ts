import { expect, test } from 'vitest'
import { withoutUnaskedUsage } from './unasked-usage.ts'

const said = '{"id":"c","choices":[{"index":0,"delta":{"content":"\\"usage\\":null"}}]'

test.each<[string, string, string, boolean]>([
  ['a chunk without usage', `${said}}`, `${said}}`, false],
  ['a chunk whose usage is null', `${said},"usage":null}`, `${said}}`, false],
  ['a null among others', `${said},"usage":null,"obfuscation":"x"}`, `${said},"obfuscation":"x"}`, false],
  ['the chunk of usage', '{"choices":[],"usage":{"a":1}}', '{"choices":[],"usage":{"a":1}}', true],
  ['usage beside words', `${said},"usage":{"a":1}}`, `${said},"usage":{"a":1}}`, false],
  ['a chunk without choices that says something else', '{"choices":[],"x":1}', '{"choices":[],"x":1}', false],
  ['the end', '[DONE]', '[DONE]', false],
])('%s', (_what, data, expected, isHidden) => {
  expect(withoutUnaskedUsage(data)).toEqual({ data: expected, isHidden })
})
