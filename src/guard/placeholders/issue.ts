import { normalForm } from './normal-form.ts'
import { placeholderOf, typeOf } from './placeholder.ts'

/** A value that is to be replaced: what found it, and how it was written. */
export type Value = { readonly rule: string; readonly written: string }

/** Codes under the key of a conversation: a keyed hash, of which the first four bytes are used. */
export type Code = (text: string) => Uint8Array

/** Most attempts to find a placeholder that stands for nothing else. Each fails with 2^-25 times the values of the conversation. */
export const mostAttempts = 8

/** The placeholder of a value at the `attempt`, from 0. The same value of a conversation has the same ones in each turn. */
export function proposed(code: Code, { rule, written }: Value, attempt: number): string {
  const type = typeOf(rule)
  return placeholderOf(type, code(`${type}\n${attempt}\n${normalForm(rule, written)}`))
}

/** Whether two written values are one: then one placeholder stands for both. */
export function isSameValue(rule: string, a: string, b: string): boolean {
  return normalForm(rule, a) === normalForm(rule, b)
}
