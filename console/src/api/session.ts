import { readMe } from '../../../src/contracts/routes/identity.ts'
import { useRead } from './reading.ts'

/** Who is signed in here, with roles, seat, and how it was proved. */
export function useMe() {
  return useRead(readMe, {}, { everyMs: 60_000 })
}
