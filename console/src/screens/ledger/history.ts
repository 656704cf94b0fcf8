/** One member that a fact set: what it was before in the same record, if anything had set it. */
export type FieldChange = { readonly name: string; readonly was: unknown; readonly is: unknown }

/** Members that every fact has anew. */
const always = new Set(['at', 'by'])

/**
 * What each fact of a stream changed in the record, in order. A member is compared with the last fact that set a member of
 * the same name; objects are compared member by member, one level deep. An object with another id is another thing: a
 * second passkey is not the first one changed, so nothing of it was anything before.
 */
export function fieldChanges(
  facts: readonly Readonly<Record<string, unknown>>[],
): readonly (readonly FieldChange[])[] {
  const known = new Map<string, unknown>()
  return facts.map((fact) => {
    for (const [name, value] of Object.entries(fact))
      if (isOther(known.get(`${name}.id`), value))
        for (const member of known.keys()) if (member.startsWith(`${name}.`)) known.delete(member)
    return flattened(fact).flatMap(([name, is]): FieldChange[] => {
      const was = known.get(name)
      known.set(name, is)
      return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ name, was, is }]
    })
  })
}

function isOther(id: unknown, value: unknown): boolean {
  return (
    id !== undefined &&
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    JSON.stringify(value.id) !== JSON.stringify(id)
  )
}

function flattened(fact: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(fact)
    .filter(([name]) => !always.has(name))
    .flatMap(([name, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
        ? Object.entries(value).map(([member, item]) => [`${name}.${member}`, item] as const)
        : [[name, value] as const],
    )
}
