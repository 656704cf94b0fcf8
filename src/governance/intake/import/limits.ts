/** Bounds of one import. A file beyond one of them is refused whole; none is cut. */
export const importLimits = {
  fileBytes: 50 * 1_048_576,
  rows: 20_000,
  columns: 200,
  /** Characters of one cell. */
  cell: 32_768,
  /** Rows that all of them or none are applied. */
  atomicRows: 1_000,
} as const
