/** What a list shows: it stands in the URL, so that a view can be sent to a colleague. */
export type ListQuery = {
  readonly where: Readonly<Record<string, string>>
  readonly sort: string | null
  /** Shown columns in order; empty: as the screen has them. */
  readonly cols: readonly string[]
}

const maxLength = 2_000

/** Reads the members that a list knows; others are left to whoever knows them. */
export function readListQuery(
  search: Readonly<Record<string, string>>,
  filters: readonly string[],
): ListQuery {
  const where = Object.fromEntries(
    filters.flatMap((name) => {
      const value = search[name]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  const cols = (search['cols'] ?? '').split(',').filter((name) => /^[A-Za-z][A-Za-z0-9]*$/.test(name))
  return { where, sort: search['sort'] ?? null, cols }
}

/** The members of the URL for a query; nothing that is as usual. */
export function writeListQuery({ where, sort, cols }: ListQuery): Readonly<Record<string, string>> {
  const members = {
    ...where,
    ...(sort === null ? {} : { sort }),
    ...(cols.length === 0 ? {} : { cols: cols.join(',') }),
  }
  if (new URLSearchParams(members).toString().length > maxLength)
    throw new Error('the view is too long for a link')
  return members
}

/** A value as one cell of CSV. SPEC: RFC 4180. What a spreadsheet would run is text: it gets an apostrophe in front. */
export function csvCell(value: string): string {
  const inert = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** Rows as CSV with one line of headers. */
export function csvText(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headers, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n'
}
