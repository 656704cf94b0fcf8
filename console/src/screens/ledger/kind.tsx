import { tCode } from '../../messages/ledger.ts'

/** The kind of an entry in words; its code is what the log holds, and what a filter asks for. */
export function Kind({ kind }: { readonly kind: string }) {
  return <span title={kind}>{tCode('event', kind)}</span>
}
