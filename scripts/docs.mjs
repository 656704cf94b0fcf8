// `npm run docs`: writes the pages under docs/ that follow from the code. A test fails when they are out of date.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { referencePages } from '../src/main/reference.ts'

const folder = resolve(import.meta.dirname, '../docs')
for (const [name, text] of referencePages()) {
  writeFileSync(join(folder, name), text)
  console.log(`docs/${name}`)
}
