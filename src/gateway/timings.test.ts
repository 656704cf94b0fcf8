import { expect, test } from 'vitest'
import { Timings } from './timings.ts'

function measured() {
  let at = 100
  return { timings: new Timings(() => at), pass: (ms: number) => (at += ms) }
}

test('the time of the guard is that of both sides; the delay runs from the answer to its first byte', () => {
  const { timings, pass } = measured()
  const [input] = [timings.now()]
  pass(3)
  timings.inspected(input)
  pass(1)
  timings.sent()
  pass(50)
  timings.answered()
  pass(20)
  timings.ended()
  const output = timings.now()
  pass(4)
  timings.inspected(output)
  timings.released()
  expect(timings.told).toEqual({ inspectMs: 7, upstreamMs: 70, addedFirstByteMs: 24 })
})

test('what comes again changes nothing but what is held: the first attempt and the first byte count', () => {
  const { timings, pass } = measured()
  timings.sent()
  pass(10)
  timings.sent()
  timings.answered()
  pass(5)
  timings.released()
  timings.held(7)
  pass(5)
  timings.answered()
  timings.released()
  timings.held(40)
  timings.held(0)
  timings.ended()
  pass(5)
  timings.ended()
  expect(timings.told).toEqual({ upstreamMs: 20, addedFirstByteMs: 5, heldChars: 40 })
})

test('what did not happen is left out', () => {
  const { timings } = measured()
  timings.released()
  timings.ended()
  expect(timings.told).toEqual({})
})
