import { setImmediate as turn } from 'node:timers/promises'
import { loadRuleTexts } from '../adapters/files/guard-catalogue.ts'
import type { GuardGround } from '../app/ports/guard-ground.ts'
import { readGenerators, shippedGenerators } from '../cli/generators-folder.ts'
import { explainInjection } from '../guard/explain-injection.ts'
import { generateFamily } from '../guard/generate/index.ts'
import { guardUnder, inspect, withOffsets, type Guard } from '../guard/inspect.ts'
import { scorerGround } from '../guard/policy/apply.ts'
import { strictestOffsets } from '../guard/policy/document.ts'
import type { CorpusReading } from '../guard/policy/regression.ts'
import { catalogueFolder } from './catalogue-folder.ts'

/** Texts of each generated family that a policy is measured on, and the seed that samples them. */
const [textsOfFamily, seed] = [20, 1]
/** Texts that are read without letting others have their turn. */
const atOnce = 8

/** The detectors of this process for the control plane. Throws on a fault of the catalogue. */
export function createGuardGround(guard: Guard, windowKey: Uint8Array): GuardGround {
  const texts = loadRuleTexts(catalogueFolder)
  const { injection } = guard
  const scorer = scorerGround(injection?.weights ?? null)
  const model = scorer?.digest ?? null
  let corpus: Promise<readonly CorpusReading[]> | null = null

  async function readCorpus(): Promise<readonly CorpusReading[]> {
    const grammar = await readGenerators(shippedGenerators)
    if (!grammar.ok) throw new Error('a generated family has faults', { cause: grammar.faults })
    const reader = withOffsets(guard, strictestOffsets) // once for all policies
    const read: CorpusReading[] = []
    for (const [name, { count }] of grammar.value.families)
      for (const row of generateFamily(grammar.value, name, seed, Math.min(count, textsOfFamily))) {
        if (read.length % atOnce === 0) await turn()
        const { family, label, channel, text } = row
        read.push({ family, label, channel, findings: inspect(reader, { channel, text }) })
      }
    return read
  }

  return {
    model,
    scorer,
    rules: guard.rulesDigest,
    digest: guard.digest,
    languages: scorer?.languages ?? [],
    header: injection?.weights.header ?? null,
    kinds: new Map(texts.map(({ id, kind }) => [id, kind])),
    inspect: (text, policy, watch) => inspect(guardUnder(guard, policy), text, watch),
    explain: (text, finding) => (injection === null ? [] : explainInjection(injection, text, finding)),
    corpus: () => {
      corpus ??= readCorpus().catch((error: unknown) => {
        corpus = null // the next one reads it again
        throw error
      })
      return corpus
    },
    windowKey,
  }
}
