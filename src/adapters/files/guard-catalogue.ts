import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGuard, type Guard } from '../../guard/inspect.ts'
import { readWeights, WeightsError, type Weights } from '../../guard/injection/weights.ts'
import { ruleTexts, type RuleText } from '../../guard/rule-texts.ts'
import { ruleCatalogue } from '../../guard/rules/rule.ts'
import { treatmentCatalogue } from '../../guard/treatment.ts'
import { tokenCatalogue } from '../../guard/secrets/index.ts'

/**
 * Loads the shipped detectors. Throws on a fault, also when the weights of the scorer are missing or damaged: a gateway
 * with a broken guard does not start.
 */
export function loadGuard(folder: string): Guard {
  return createGuard(cataloguesIn(folder), loadWeights(folder))
}

/** The shipped weights of the scorer, or those in the file `path`. Throws `WeightsError` when they cannot be used. */
export function loadWeights(folder: string, path: string | null = null): Weights {
  const file = path ?? join(folder, 'guard', weightsFile)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    const error = new WeightsError('guard_model_format', `the weights file \`${file}\` cannot be read`)
    throw Object.assign(error, { cause })
  }
  return readWeights(bytes)
}

/** The shipped detectors without the scorer, for what is measured or tested beside it. */
export function loadGuardWithoutScorer(folder: string): Guard {
  return createGuard(cataloguesIn(folder), null)
}

/** Weights of the injection scorer that come with the product. */
export const weightsFile = 'injection.1.csgm'

/** What every shipped rule looks for, in words. */
export function loadRuleTexts(folder: string): readonly RuleText[] {
  return ruleTexts(cataloguesIn(folder))
}

/** What the shipped detectors are made of. */
export function cataloguesIn(folder: string) {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, 'guard', name), 'utf8'))
  return {
    tokens: tokenCatalogue.parse(read('tokens.json')),
    rules: ruleCatalogue.parse(read('rules.json')),
    treatments: treatmentCatalogue.parse(read('treatments.json')),
  }
}
