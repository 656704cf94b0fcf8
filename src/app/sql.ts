/** SQL that turns parameter `n`, an `EpochMs` or null, into a timestamptz. */
export function instant(n: number): string {
  return `to_timestamp($${n}::float8 / 1000)`
}

/** The pattern for `like` of whatever holds `part`; its own wildcards are letters like others. */
export function holding(part: string): string {
  return `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
}

/** SQL that reads a timestamptz column as whole milliseconds. */
export function millis(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::bigint`
}
