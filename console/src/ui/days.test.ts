import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, addMonths, dayOf, startOfDay, weeksOf } from './days.ts'

test.each([
  ['2026-11-28T23:30:00Z', 'Europe/Berlin', '2026-11-29'],
  ['2026-11-28T23:30:00Z', 'UTC', '2026-11-28'],
  ['2026-11-28T03:30:00Z', 'America/New_York', '2026-11-27'],
])('%s in %s is %s', (at, timeZone, day) => {
  expect(dayOf(Date.parse(at), { timeZone })).toBe(day)
})

test.each([
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'], // the day with 23 hours
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
  ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
  ['2026-07-01', 'Asia/Kolkata', '2026-06-30T18:30:00.000Z'],
  ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'], // the clock went from 23:59 to 1:00
])('%s in %s begins at %s', (day, timeZone, at) => {
  expect(new Date(startOfDay(day, { timeZone })).toISOString()).toBe(at)
})

test.each([
  ['2026-01-31', 1, '2026-02-28'],
  ['2028-01-31', 1, '2028-02-29'],
  ['2026-12-15', 1, '2027-01-15'],
  ['2026-01-15', -1, '2025-12-15'],
])('%s and %d months is %s', (day, count, other) => {
  expect(addMonths(day, count)).toBe(other)
})

const anyDay = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1970-01-01', days))
const anyZone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
)

test('law: a day begins on itself, one moment earlier it is the day before, and its month shows it once', () => {
  const law = fc.property(anyDay, anyZone, (day, timeZone) => {
    const at = startOfDay(day, { timeZone })
    expect(dayOf(at, { timeZone })).toBe(day)
    expect(dayOf(at - 1, { timeZone })).toBe(addDays(day, -1))
    const weeks = weeksOf(day.slice(0, 7))
    expect(weeks.flat().filter((one) => one === day)).toEqual([day])
    expect(new Set(weeks.map((week) => new Date(`${week[0]}T00:00:00Z`).getUTCDay()))).toEqual(new Set([1]))
  })
  fc.assert(law)
})
