import { AppError, fromRfc3339, type EpochMs } from '../kernel/index.ts'

/** The instant that a text on the wire names. Routes have checked its form before. */
export function instantOf(text: string): EpochMs {
  const at = fromRfc3339(text)
  if (at === null) throw new AppError('INVALID_INPUT', 'there is no such instant')
  return at
}
