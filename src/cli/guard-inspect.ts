import { scan, type Scan } from '../guard/scan.ts'
import { exitCodes, type CliCommand } from './cli.ts'
import { answerTexts, channelIn, exitOf } from './guard-texts.ts'
import type { GuardWorld } from './guard-world.ts'

/** `guard inspect`: what is in each text, with what the product would do about it. Exit 3 when there is anything. */
export function guardInspectCommand(world: GuardWorld): CliCommand {
  return overTexts(world, {
    name: 'guard inspect',
    summary: 'Read texts as JSON lines and print what is in each: exit 3 when there is anything',
    answerOf: ({ score, flag, advice, findings }) => ({ score, flag, advice, findings }),
  })
}

/** `guard spans`: nothing but where the findings are, for comparing with marked texts. */
export function guardSpansCommand(world: GuardWorld): CliCommand {
  return overTexts(world, {
    name: 'guard spans',
    summary: 'Read texts as JSON lines and print the places of findings in each: exit 3 when there are any',
    answerOf: ({ findings }) => ({ spans: findings.map(({ start, end, type }) => ({ start, end, type })) }),
  })
}

function overTexts(
  world: GuardWorld,
  {
    name,
    summary,
    answerOf,
  }: Pick<CliCommand, 'name' | 'summary'> & { readonly answerOf: (scan: Scan) => object },
): CliCommand {
  return {
    name,
    summary,
    positionals: ['file'],
    options: {
      channel: { type: 'string', help: 'of lines that name none; unknown when left out' },
      model: { type: 'string', help: 'weights file instead of the shipped one' },
    },
    run: async ({ values, positionals: [path = '-'], io }) => {
      const fallback = channelIn(values['channel'])
      const model = values['model']
      const guard = world.guard(world.weights(typeof model === 'string' ? model : null))
      const end = await answerTexts(world, io, { path, fallback }, ({ id, channel, text }) => {
        const found = scan(guard, { channel, text })
        return { value: { id, ...answerOf(found) }, hasFindings: found.findings.length > 0 }
      })
      return exitOf(end, exitCodes.refused)
    },
  }
}
