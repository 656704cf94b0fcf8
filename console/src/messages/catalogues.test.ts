import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { eventKindList } from '../../../src/contracts/events.ts'
import { reasons } from '../../../src/gateway/reasons.ts'
import events from './en/events.json' with { type: 'json' }
import gateway from './en/gateway.json' with { type: 'json' }

test('no key stands in two catalogues, so none can depend on which screen came first', () => {
  const folder = resolve(import.meta.dirname, 'en')
  const keys = readdirSync(folder).flatMap((name) =>
    Object.keys(JSON.parse(readFileSync(join(folder, name), 'utf8')) as object),
  )
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
})

test('every kind of entry has words, and no words are for a kind that does not exist', () => {
  expect(Object.keys(events).toSorted()).toEqual(eventKindList.map((kind) => `event.${kind}`).toSorted())
})

test('every reason of the gateway has words', () => {
  const words = Object.keys(gateway)
  expect(Object.keys(reasons).filter((code) => !words.includes(`gatewayCode.${code}`))).toEqual([])
})
