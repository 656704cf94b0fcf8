import { reasons, type ReasonCode } from '../reasons.ts'

/** What a caller is told in the place of calls that may not leave. */
export type Telling = {
  /** `pending`: an ordinary answer, which a conversation can go on from. `denied`: a refusal. */
  readonly k: 'pending' | 'denied'
  readonly text: string
  /** Letters, digits and `_`, for the item that the text stands in where an API gives items names. */
  readonly id: string
}

/** Tools are named as the grant names them; ids are those of the store of approvals. */
export function pendingTelling(tools: readonly string[], ids: readonly string[], record: string): Telling {
  const calls = [...new Set(tools)].map((tool) => `\`${tool}\``).join(', ')
  const text =
    `A person has to approve the call of ${calls} before it runs. Nothing has run. ` +
    `Approval ${ids.join(', ')} is open; ask again to wait for it.`
  return { k: 'pending', text, id: idOf(record) }
}

export function deniedTelling(code: ReasonCode, record: string): Telling {
  const { message } = reasons[code]
  return { k: 'denied', text: `Withheld: ${message} (${code}, record ${record}).`, id: idOf(record) }
}

function idOf(record: string): string {
  return record.replaceAll(/[^A-Za-z0-9_]/g, '_')
}
