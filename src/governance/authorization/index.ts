export * from './authorization.ts'
export * from './facts.ts'
export * as stop from './stop.ts'
