export {
  readFamily,
  readParts,
  type Family,
  type GeneratorFault,
  type Parts,
  type Reading,
} from './family.ts'
export { FamilyExhausted, generateFamily, type GeneratedRow } from './generate.ts'
export { grammarOf, type Grammar } from './grammar.ts'
export {
  obfuscate,
  obfuscations,
  type Obfuscation,
} from './obfuscate/obfuscate.ts'
