import { writeFile } from 'node:fs/promises'
import { readWeights } from '../guard/injection/weights.ts'
import { heaviestByStyle } from '../guard/train/heaviest.ts'
import { train, type Control } from '../guard/train/train.ts'
import { exitCodes, printable, UsageError, type CliCommand, type CliInput } from './cli.ts'
import { readGuardData, textsOfFamily } from './guard-data.ts'
import { textOf, wholeNumber } from './option-values.ts'

/** `guard train`: the weights of the injection scorer, from data and generated families. */
export function guardTrainCommand(): CliCommand {
  return {
    name: 'guard train',
    summary:
      'Train the injection scorer on a folder of rows and on the generated families; the same data and seed give the same bytes',
    options: {
      data: {
        type: 'string',
        help: 'folder of *.jsonl with id, text, label, style, channel, source, licence; none: generated texts alone',
      },
      out: { type: 'string', help: 'file to write the weights to; none: nothing is written' },
      seed: { type: 'string', help: 'whole number (1 when left out)' },
      generators: { type: 'string', help: 'folder with `families` and `parts` instead of the shipped one' },
      'per-family': {
        type: 'string',
        help: `texts of each generated family at most (${textsOfFamily} when left out)`,
      },
      folds: { type: 'string', help: 'how often families are left out (6 when left out)' },
      control: { type: 'string', help: '`random`: exchange the labels; what is found then is chance' },
      explain: { type: 'boolean', help: 'print the heaviest n-grams of each style' },
    },
    run: async (input) => {
      const { io, print } = input
      const options = optionsOf(input.values)
      const { examples, facts } = await readGuardData(options)
      const trained = train({
        examples,
        data: facts,
        id: 'injection',
        version: 1,
        seed: options.seed,
        folds: options.folds,
        control: options.control,
        onProgress: (what) => io.err(`${what}\n`),
      })
      const weights = readWeights(trained.bytes)
      if (options.out !== undefined) await writeFile(options.out, trained.bytes)
      const { summary, thresholds, length } = trained.header
      const heaviest = options.explain ? heaviestByStyle(weights, examples) : []
      const lines = [
        `${weights.digest}  ${trained.bytes.length} bytes`,
        `area under the curve, families left out: ${trained.auc}`,
        ...Object.entries(summary).map(
          ([name, { share, low, high, n }]) => `${name}: ${share} (${low} to ${high}), n ${n}`,
        ),
        `thresholds: ${JSON.stringify(thresholds)}, length: ${JSON.stringify(length)}`,
        ...heaviest.map(({ style, ngrams }) => `${style}: ${ngrams.join(' | ')}`),
      ]
      print(
        { digest: weights.digest, summary, thresholds, length, auc: trained.auc, heaviest },
        printable(lines.join('\n')),
      )
      return exitCodes.ok
    },
  }
}

type Options = {
  readonly data: string | undefined
  readonly out: string | undefined
  readonly generators: string | undefined
  readonly seed: number
  readonly perFamily: number
  readonly folds: number
  readonly control: Control
  readonly explain: boolean
}

function optionsOf(values: CliInput['values']): Options {
  const control = textOf(values['control']) ?? 'none'
  if (control !== 'none' && control !== 'random') throw new UsageError('--control takes `random`')
  return {
    data: textOf(values['data']),
    out: textOf(values['out']),
    generators: textOf(values['generators']),
    seed: wholeNumber(values, 'seed', { least: 0, fallback: 1 }),
    perFamily: wholeNumber(values, 'per-family', { least: 1, fallback: textsOfFamily }),
    folds: wholeNumber(values, 'folds', { least: 2, fallback: 6 }),
    control,
    explain: values['explain'] === true,
  }
}
