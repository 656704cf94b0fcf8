import { idPrefixes, isId, type IdKind } from '../../kernel/index.ts'
import { recordScreens } from '../../kernel/record-screens.ts'

export type Place = {
  /** The record, as the ledger names it. */
  readonly about: string
  readonly threadId: string | null
}

/** The path in the console that shows what a notice is about; the notifications where nothing shows it. */
export function recordPath({ about, threadId }: Place): string {
  const id = about.slice(Math.max(about.indexOf('/'), about.indexOf(':')) + 1) // a stop: `stop/system:sys_…`
  const kinds = Object.keys(recordScreens) as (keyof typeof recordScreens)[] // the keys of our own table
  const kind = kinds.find((name: IdKind) => id.startsWith(`${idPrefixes[name]}_`) && isId(name, id))
  if (kind === undefined) return '/notifications'
  const path = `${recordScreens[kind]}/${id}`
  return threadId !== null && (kind === 'useCase' || kind === 'system') ? `${path}/comments` : path
}
