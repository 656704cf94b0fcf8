import { readMe } from '../../../src/contracts/routes/identity.ts'
import { queries } from './client.ts'
import { readingOf, useRead } from './reading.ts'

/** Who is signed in here, with roles, seat, and how it was proved. */
export function useMe() {
  return useRead(readMe, {}, { everyMs: 60_000 })
}

/** Asks who is here while the code of the first screen is still on its way. */
export function askWhoIsHere(): void {
  const reading = readingOf(readMe, {})
  if (queries.getQueryState(reading.queryKey) === undefined) void queries.prefetchQuery(reading)
}
