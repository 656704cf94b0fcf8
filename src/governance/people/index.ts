export * as person from './person.ts'
export * from './roles.ts'
