export * from './duplicates.ts'
export * from './questionnaire.ts'
export * as useCase from './use-case.ts'
