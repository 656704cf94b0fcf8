export * as hold from './hold.ts'
export * from './record-texts.ts'
export * as redaction from './redaction.ts'
