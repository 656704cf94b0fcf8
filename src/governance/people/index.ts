export * as person from './person.ts'
export * as serviceAccount from './service-account.ts'
export * as unit from './unit.ts'
export * from './roles.ts'
