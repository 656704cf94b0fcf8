import type { ApprovalPort } from '../../app/ports/approval.ts'

/** Where no people are to be asked. What needs one is denied, and its caller is told why. */
export const nobody: ApprovalPort = {
  ask: () => Promise.resolve({ k: 'nobody' }),
  look: () => Promise.resolve(null),
  consume: () => Promise.resolve(false),
}
