/** How much is decoded of a text before what is left counts as unread. */
export type Budgets = {
  /** Parts that are read for themselves. */
  readonly blobs: number
  /** UTF-16 units that transforms may read, for each of the text. */
  readonly work: number
}

export const shippedBudgets: Budgets = { blobs: 64, work: 64 }
