import { texts } from './text.ts'
import reasons from './en/reasons.json'

/** Texts with what speaks against a command. */
export const { t, tCode } = texts(reasons)
