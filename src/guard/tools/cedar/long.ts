const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n]

/** Whether a whole number fits into the 64 bits of a Long. */
export function isLong(value: bigint): boolean {
  return value >= least && value <= most
}
