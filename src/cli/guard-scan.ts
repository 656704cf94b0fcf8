import { scan, scanProfiles, thresholdSets } from '../guard/scan.ts'
import { exitCodes, UsageError, type CliCommand } from './cli.ts'
import { answerTexts, channelIn, exitOf, oneOf } from './guard-texts.ts'
import type { GuardWorld } from './guard-world.ts'

/**
 * `guard scan --jsonl`: for judges and pipelines. One line in, one line out, in constant memory; findings leave exit code 0,
 * since they are no failure of the scan.
 */
export function guardScanCommand(world: GuardWorld): CliCommand {
  return {
    name: 'guard scan',
    summary:
      'Read texts from standard input as JSON lines and say of each whether it is an attack on a model',
    options: {
      jsonl: {
        type: 'boolean',
        help: '{"id","text","channel"} a line, the only form there is',
        required: true,
      },
      profile: { type: 'string', help: `${scanProfiles.join(' or ')} (detectors without the scorer)` },
      'threshold-set': {
        type: 'string',
        help: `operating point: ${thresholdSets.join(', ')} (of each line, as shipped)`,
      },
      channel: { type: 'string', help: 'of lines that name none; unknown when left out' },
      model: { type: 'string', help: 'weights file instead of the shipped one' },
    },
    run: async ({ values, io }) => {
      const profile = oneOf(scanProfiles, 'profile', values['profile'] ?? 'full')
      const thresholds = oneOf(thresholdSets, 'threshold-set', values['threshold-set'] ?? 'channel')
      const fallback = channelIn(values['channel'])
      const model = values['model']
      if (profile === 'core' && model !== undefined) throw new UsageError('the profile core has no model')
      const weights = profile === 'core' ? null : world.weights(typeof model === 'string' ? model : null)
      const guard = world.guard(weights)
      const end = await answerTexts(world, io, { path: '-', fallback }, ({ id, channel, text }) => {
        const { score, flag, severity, findings } = scan(guard, { channel, text }, thresholds)
        const told = findings.map(({ type, start, end }) => ({ type, start, end }))
        return {
          value: { id, score, flag, severity: severity ?? 'none', findings: told },
          hasFindings: findings.length > 0,
        }
      })
      return exitOf(end, exitCodes.ok)
    },
  }
}
