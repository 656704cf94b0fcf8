/** Reads outside a command. Every statement pages by key or names its rows. */
export type Query = <R extends object = Record<string, unknown>>(
  sql: string,
  params?: readonly unknown[],
) => Promise<R[]>
