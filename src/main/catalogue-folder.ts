import { resolve } from 'node:path'

/** The data that ships with the program. */
export const catalogueFolder = resolve(import.meta.dirname, '../../catalogue')
