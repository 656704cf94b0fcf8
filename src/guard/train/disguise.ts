import type { Draw } from '../generate/draw.ts'
import { obfuscate, type Obfuscation } from '../generate/index.ts'

/** Which texts are long enough for the words to be seen, and short enough to be hidden as a whole. */
const [shortest, longest] = [30, 600]
const share = 0.5

/** Encodings whose plain view means nothing; what they hide is read in a view of its own. */
const encodings: readonly Obfuscation[] = [
  'escapes',
  'hex',
  'base64',
  'percent',
  'entities',
  'codes',
  'morse',
  'spaced',
]

/**
 * A text as it may look in a view that does not undo everything: with typing errors, without spaces, its words turned
 * round; null for most texts. Harmless texts also as they are encoded, so that an encoding alone is nothing.
 */
export function disguised(text: string, isAttack: boolean, draw: Draw): string | null {
  if (text.length < shortest || text.length > longest || !draw.chance(share)) return null
  const way = draw.oneOf(isAttack ? ways : [...ways, 'encoded' as const])
  switch (way) {
    case 'typos':
      return obfuscate(text, 'typos', draw.below(1e9)).toLowerCase()
    case 'joined':
      return text.replaceAll(' ', '')
    case 'turned':
      return text.split(' ').toReversed().join(' ')
    case 'encoded':
      return obfuscate(text, draw.oneOf(encodings), draw.below(1e9)).toLowerCase()
    default:
      throw new Error('no such way')
  }
}

const ways = ['typos', 'typos', 'joined', 'turned'] as const
