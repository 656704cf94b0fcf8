/** Kinds of facts that this version records. A kind is never removed or given another meaning. */
export const eventKinds: ReadonlySet<string> = new Set<string>([])
