import { writeFile } from 'node:fs/promises'
import type { Weights } from '../guard/injection/weights.ts'
import { evaluate } from '../guard/train/evaluate.ts'
import { modelCard } from '../guard/train/model-card.ts'
import { train } from '../guard/train/train.ts'
import { exitCodes, printable, type CliCommand } from './cli.ts'
import { readGuardData, readUnseenRows, textsOfFamily } from './guard-data.ts'
import { textOf, wholeNumber } from './option-values.ts'

/** Texts of each generated family for the control, which trains again. */
const controlTexts = 30

/** `guard evaluate`: what the weights do with data: families left out, hidden and embedded attacks, the control. */
export function guardEvaluateCommand(weightsOf: (path: string | null) => Weights): CliCommand {
  return {
    name: 'guard evaluate',
    summary: 'Measure the injection scorer on data and on generated families, and write its model card',
    options: {
      data: { type: 'string', help: 'folder of *.jsonl as for `guard train`; none: generated texts alone' },
      model: { type: 'string', help: 'weights file; the shipped one when left out' },
      seed: { type: 'string', help: 'whole number (1 when left out)' },
      generators: { type: 'string', help: 'folder with `families` and `parts` instead of the shipped one' },
      unseen: {
        type: 'string',
        help: 'folder of *.jsonl that is never trained on (`vectors/guard/unseen` when left out)',
      },
      out: { type: 'string', help: 'file to write the model card to; none: it is printed' },
    },
    run: async ({ values, io, print }) => {
      const weights = weightsOf(textOf(values['model']) ?? null)
      const seed = wholeNumber(values, 'seed', { least: 0, fallback: 1 })
      const from = { data: textOf(values['data']), generators: textOf(values['generators']), seed }
      const { examples } = await readGuardData({ ...from, perFamily: textsOfFamily })
      const evaluation = evaluate(weights, examples, await readUnseenRows(textOf(values['unseen'])), seed)
      io.err('control with random labels\n')
      const few = await readGuardData({ ...from, data: undefined, perFamily: controlTexts })
      const control = train({
        examples: few.examples,
        data: few.facts,
        id: 'control',
        version: 1,
        seed,
        folds: 4,
        control: 'random',
      })
      const card = modelCard(weights, evaluation, control.auc)
      const out = textOf(values['out'])
      if (out !== undefined) await writeFile(out, card)
      const { metrics, summary } = weights.header
      const { hidden, embedded, seen, unseen } = evaluation
      print(
        {
          digest: weights.digest,
          summary,
          metrics,
          hidden,
          embedded,
          unseen,
          seen: Object.fromEntries(seen),
          control: control.auc,
        },
        out === undefined ? printable(card) : `${out}: written`,
      )
      return exitCodes.ok
    },
  }
}
