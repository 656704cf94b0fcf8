import type { ReactNode } from 'react'
import type { Option } from './field.tsx'
import type { RecordChoice } from './record-filter.tsx'

export type Column<T> = {
  readonly id: string
  readonly header: string
  readonly cell: (row: T) => ReactNode
  /** The same as text: for the export and the filter of loaded rows. */
  readonly text: (row: T) => string
  readonly isHidden?: boolean
  /** Where there is no room for all columns: left out before the others, after them, or not at all. The first one stays. */
  readonly leaves?: 'first' | 'last' | 'never'
  readonly align?: 'end'
  /** Long text that gives others room. */
  readonly isShort?: boolean
  /** How the route names an order by this column, ascending and descending, as far as it has one. */
  readonly sort?: readonly string[]
}
export type Filter = {
  /** The member of the route's query. */
  readonly name: string
  readonly label: string
  /** Choices; without them it is free text. */
  readonly options?: readonly Option[]
  /** A record that is found by its name; the URL holds its id. */
  readonly choice?: RecordChoice
  /** Free text is an instant, chosen in local time and written in UTC. */
  readonly type?: 'instant'
  /** What is shown while nothing is chosen. */
  readonly none?: string
  /** Out of sight until somebody asks for more filters, or it is set. */
  readonly isFurther?: boolean
}

/** The columns that the address asks for; else those that the screen shows at first. */
export function shownColumns<T>(
  columns: readonly Column<T>[],
  wanted: readonly string[],
): readonly Column<T>[] {
  const chosen = wanted.flatMap((name) => columns.filter(({ id }) => id === name))
  return chosen.length > 0 ? chosen : columns.filter(({ isHidden }) => isHidden !== true)
}

/** In which order columns are left out where there is no room for them: those at the end before those at the front. */
export function leavingOrder<T>(shown: readonly Column<T>[]): readonly Column<T>[] {
  const turnOf = ({ leaves }: Column<T>) => (leaves === 'first' ? 0 : leaves === 'last' ? 2 : 1)
  return shown
    .slice(1)
    .filter(({ leaves }) => leaves !== 'never')
    .toReversed()
    .toSorted((a, b) => turnOf(a) - turnOf(b))
}
