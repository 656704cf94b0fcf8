import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGuard, type Guard } from '../../guard/inspect.ts'
import { ruleCatalogue } from '../../guard/rules/rule.ts'
import { tokenCatalogue } from '../../guard/secrets/index.ts'

/** Loads the shipped detectors. Throws on a fault: a gateway with a broken guard does not start. */
export function loadGuard(folder: string): Guard {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, 'guard', name), 'utf8'))
  return createGuard({
    tokens: tokenCatalogue.parse(read('tokens.json')),
    rules: ruleCatalogue.parse(read('rules.json')),
  })
}
