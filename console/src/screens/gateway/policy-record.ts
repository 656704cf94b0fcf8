import type { readToolPolicy } from '../../../../src/contracts/routes/tool-policies.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'

export type PolicyRecord = ReplyOf<typeof readToolPolicy>
