export * as check from './check.ts'
export * as requirements from './requirements.ts'
export * as review from './review.ts'
