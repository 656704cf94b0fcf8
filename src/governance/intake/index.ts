export * from './duplicates.ts'
export * as publication from './publication.ts'
export * from './questionnaire.ts'
export * as useCase from './use-case.ts'
