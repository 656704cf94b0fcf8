import type { Channel } from '../guard/text.ts'
import { channels } from '../guard/text.ts'
import { exitCodes, UsageError, type CliIo } from './cli.ts'
import { textLinesOf, type TextLine } from './guard-input.ts'
import { exitOfBrokenPipe, ReaderGone, type GuardWorld } from './guard-world.ts'

/** What one text was answered with: a line, and whether something was found. */
export type Answer = { readonly value: object; readonly hasFindings: boolean }

/** How a stream of texts has ended. */
export type StreamEnd = { readonly texts: number; readonly withFindings: number; readonly malformed: number }

/**
 * Answers the texts of a stream of JSON lines one by one, in their order, as the answers are taken. Lines that hold no
 * text are told on standard error with their number and passed over. Returns null when nobody reads the answers any more.
 */
export async function answerTexts(
  { open, send }: GuardWorld,
  io: CliIo,
  { path, fallback }: { readonly path: string; readonly fallback: Channel },
  answer: (line: TextLine) => Answer,
): Promise<StreamEnd | null> {
  let [texts, withFindings, malformed] = [0, 0, 0]
  try {
    for await (const lines of textLinesOf(open(path), fallback)) {
      let out = ''
      for (const line of lines) {
        if ('fault' in line) {
          malformed += 1
          io.err(`line ${line.number}: ${line.fault}; skipped\n`)
          continue
        }
        const { value, hasFindings } = answer(line)
        texts += 1
        if (hasFindings) withFindings += 1
        out += `${JSON.stringify(value)}\n`
      }
      if (out !== '') await send(out)
    }
  } catch (error) {
    if (error instanceof ReaderGone) return null
    throw error
  }
  if (malformed > 0) io.err(`${malformed} malformed lines were skipped, ${texts} were read\n`)
  return { texts, withFindings, malformed }
}

/** Exit code of a stream; `findings` is what findings leave behind. */
export function exitOf(end: StreamEnd | null, findings: number): number {
  if (end === null) return exitOfBrokenPipe
  if (end.malformed > 0) return exitCodes.usage
  return end.withFindings > 0 ? findings : exitCodes.ok
}

/** The channel that an option names. */
export function channelIn(value: string | boolean | undefined): Channel {
  if (value === undefined) return 'unknown'
  return oneOf(channels, 'channel', value)
}

/** One of a few words that an option may have. */
export function oneOf<T extends string>(words: readonly T[], option: string, value: unknown): T {
  const found = words.find((word) => word === value)
  if (found === undefined) throw new UsageError(`--${option} is one of ${words.join(', ')}`)
  return found
}
