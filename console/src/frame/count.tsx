/** How much of something waits, beside the entry of the rail that leads to it; nothing at all for none. */
export function Count({
  count,
  shown = String(count),
  says,
}: {
  readonly count: number
  readonly shown?: string
  readonly says: string
}) {
  if (count === 0) return null
  return (
    <span className="count" title={says}>
      <span aria-hidden="true">{shown}</span>
      <span className="sr-only">{says}</span>
    </span>
  )
}
