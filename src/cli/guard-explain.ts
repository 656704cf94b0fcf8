import { explainScore } from '../guard/explain-score.ts'
import { classFor, thresholdSets } from '../guard/scan.ts'
import { exitCodes, type CliCommand } from './cli.ts'
import { answerTexts, channelIn, exitOf, oneOf } from './guard-texts.ts'
import type { GuardWorld } from './guard-world.ts'

/** `guard explain`: why the scorer gives a text its score: the window that decides and what in it speaks for and against. */
export function guardExplainCommand(world: GuardWorld): CliCommand {
  return {
    name: 'guard explain',
    summary: 'Read texts as JSON lines and print why the scorer gives each its score',
    positionals: ['file'],
    options: {
      'threshold-set': { type: 'string', help: `operating point: ${thresholdSets.join(', ')} (as shipped)` },
      channel: { type: 'string', help: 'of lines that name none; unknown when left out' },
      model: { type: 'string', help: 'weights file instead of the shipped one' },
    },
    run: async ({ values, positionals: [path = '-'], io }) => {
      const thresholds = oneOf(thresholdSets, 'threshold-set', values['threshold-set'] ?? 'channel')
      const fallback = channelIn(values['channel'])
      const model = values['model']
      const weights = world.weights(typeof model === 'string' ? model : null)
      const end = await answerTexts(world, io, { path, fallback }, ({ id, channel, text }) => {
        const why = explainScore(weights, text, classFor(channel, thresholds) ?? 'user')
        return { value: { id, ...why }, hasFindings: why.band !== 'quiet' }
      })
      return exitOf(end, exitCodes.ok)
    },
  }
}
