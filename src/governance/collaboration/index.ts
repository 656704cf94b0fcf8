export * from './notice.ts'
export * as thread from './thread.ts'
