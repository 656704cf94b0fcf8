declare const brand: unique symbol

/** A type that only its own parser can make, so that two ids of different kinds never mix. */
export type Brand<T, B extends string> = T & { readonly [brand]: B }

/** Ends a `switch` over a union: a new variant then fails to compile here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
