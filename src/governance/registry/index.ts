export * from './declared-tools.ts'
export * as deployment from './deployment.ts'
export * from './manifest.ts'
export * from './material-change.ts'
