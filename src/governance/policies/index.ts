export * as publication from './publication.ts'
