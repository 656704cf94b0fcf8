/** `2026-03-01T09:00` of a date field as an instant; null while it is none. */
export function instantOf(local: string): string | null {
  const at = new Date(local)
  return local === '' || Number.isNaN(at.getTime()) ? null : at.toISOString()
}

/** The local form of an instant some days from now, for a date field. */
export function localIn(days: number): string {
  return localOf(Date.now() + days * 86_400_000)
}

/** The local form of an instant, for a date field; seconds are cut off. */
export function localOf(instant: number): string {
  const at = new Date(instant)
  const pad = (part: number) => String(part).padStart(2, '0')
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`
}
