export const nodeFlags: readonly string[]
export function compileCacheIn(root: string): string
