import type { MemorySetup } from '../support/memory-gateway.ts'
import type { Misdeed } from './faulty-upstream.ts'
import type { Change, FaultGateway } from './gateway.ts'
import { ways, type Way, type WayName } from './ways.ts'

/** What has to come of a fault in one way through the gateway. */
export type Cell =
  /** An error of this status and reason; the upstream has seen nothing unless it is its fault. */
  | { readonly k: 'refused'; readonly status: number; readonly code: string }
  /** The end that the API itself has for what may not be said. */
  | { readonly k: 'withheld'; readonly code: string }
  /** What was clean before it may have left; then an error in the stream. A stream that has not begun is refused. */
  | { readonly k: 'cut'; readonly status: number; readonly code: string }
  /** The same, but its last event may have come before: who reads no further takes the answer for whole, and it was. */
  | { readonly k: 'cut_late'; readonly code: string }
  /** The fault does no harm. */
  | { readonly k: 'served' }
  /** There is no such case here. */
  | { readonly k: 'none'; readonly why: string }

/** One way to fail. `row`: what the design promises about it, in its table of faults. */
export type Fault = {
  readonly row: string
  readonly what: string
  /** Whether the upstream may have seen the call. */
  readonly reaches: boolean
  readonly setup?: () => Partial<MemorySetup>
  /** Makes it fail once the way is open. */
  readonly arrange?: (gateway: FaultGateway) => void | Promise<void>
  readonly change?: (way: Way, gateway: FaultGateway) => Change
  readonly misdeed?: Misdeed
  readonly cells: Readonly<Record<WayName, Cell>>
}

export const refused = (status: number, code: string): Cell => ({ k: 'refused', status, code })
export const withheld = (code: string): Cell => ({ k: 'withheld', code })
export const none = (why: string): Cell => ({ k: 'none', why })
export const served: Cell = { k: 'served' }

/** The same in every way but in some. */
export function everywhere(cell: Cell, but: Partial<Record<WayName, Cell>> = {}): Fault['cells'] {
  return cellsOf((name) => but[name] ?? cell)
}

/** One for answers that come whole, one for streams. */
export function byStream(
  whole: Cell,
  stream: Cell,
  but: Partial<Record<WayName, Cell>> = {},
): Fault['cells'] {
  return cellsOf((name) => but[name] ?? (ways[name].isStream ? stream : whole))
}

/** An answer that fails: refused when it comes whole, cut when it streams. */
export function failing(code: string, status: number): Fault['cells'] {
  return byStream(refused(status, code), { k: 'cut', status, code })
}

function cellsOf(of: (name: WayName) => Cell): Fault['cells'] {
  const names = Object.keys(ways) as WayName[] // of the ways
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Fault['cells']
}
