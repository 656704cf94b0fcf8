import { canonical, originalOf } from '../normalise/canonical.ts'
import type { GeneratedRow, Grammar } from '../generate/index.ts'
import type { ChannelClass } from '../injection/scorer.ts'
import { isBorderline } from './borderline.ts'
import { DisjointSets } from './disjoint-sets.ts'
import type { DataFile, TrainingRow } from './row.ts'

/** A text to learn from or to measure with. */
export type Example = {
  readonly id: string
  /** The canonical view in small letters: what the scorer reads. */
  readonly text: string
  readonly isAttack: boolean
  /** Harmless, but written with the words of attacks; see `borderline.ts`. */
  readonly isBorderline: boolean
  readonly style: string
  readonly channelClass: ChannelClass
  readonly lang: string
  /** File or generator family, with the style where a file has several; what is left out as a whole. */
  readonly family: string
  /** Families that have texts in common, and twins: they are left out together. */
  readonly group: string
  readonly isGenerated: boolean
  readonly use: Use
}

/**
 * What a text is good for. `whole`: all of it is what its label says. `somewhere`: an attack in a part of it that is not
 * known. `spliced`: an attack only where it stands in somebody else's text. `measured`: too much like an ordinary task for
 * anything but provenance to tell; it is not learned.
 */
type Use = 'whole' | 'somewhere' | 'spliced' | 'measured'

/** All examples, in the order of their ids; texts that read the same once. */
export function examplesOf(
  files: readonly DataFile[],
  generated: Iterable<GeneratedRow>,
  grammar: Grammar,
): readonly Example[] {
  const groups = groupsOf(grammar)
  const byText = new Map<string, Example>()
  const add = (example: Example) => {
    const known = byText.get(example.text)
    // The same words as an attack and as none: they are ordinary.
    if (known === undefined || (known.isAttack && !example.isAttack)) byText.set(example.text, example)
  }
  for (const { name, rows } of files) for (const row of rows) add(exampleOf(name.replace('.jsonl', ''), row))
  for (const row of generated) {
    add({
      id: row.id,
      text: readable(row.text),
      isAttack: row.label === 'attack',
      isBorderline: row.label === 'benign' && (row.twin !== null || isBorderline(row.style)),
      style: row.style,
      channelClass: row.channel === 'user' ? 'user' : 'untrusted',
      lang: row.lang,
      family: row.family,
      group: groups.find(row.family),
      isGenerated: true,
      use: useOfGenerated(row),
    })
  }
  return [...byText.values()]
    .filter(({ text }) => text.trim() !== '')
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}

/** The view of a text that the scorer reads. */
function readable(text: string): string {
  return canonical(originalOf(text)).folded.text
}

function exampleOf(file: string, row: TrainingRow): Example {
  const isAttack = row.label === 'attack'
  const use = useOf(file, row)
  const part = use === 'measured' ? ' (task-like)' : isAttack ? partOf(row.style) : ''
  return {
    id: row.id,
    text: readable(row.text),
    isAttack,
    isBorderline: !isAttack && isBorderline(row.style),
    style: row.style,
    channelClass: row.channel === 'user' ? 'user' : 'untrusted',
    lang: row.lang ?? 'en',
    family: `${file}${part}${row.lang !== undefined && row.lang !== 'en' ? ' (other languages)' : ''}`,
    group: composed.has(file) ? 'composed' : (repository.get(file) ?? file),
    isGenerated: false,
    use,
  }
}

/** Orders about the form of an answer, which users give all the time. */
const taskLike: ReadonlySet<string> = new Set(['attack-answer-format'])
/** Files that have payloads in common: those of one stand in documents of another. */
const composed: ReadonlySet<string> = new Set([
  'attack-agent-scenario',
  'attack-direct',
  'attack-embedded',
  'attack-indirect-payload',
  'attack-template-grid',
  'benign-twin',
])
/** Files of one hand. */
const repository: ReadonlyMap<string, string> = new Map([
  ['benign-document-technical-2', 'benign-document-technical'],
  ['benign-document-about-prompt-attacks', 'benign-document-prompt-guide'],
  ['benign-prompt-assistant', 'benign-prompt-question'],
  ['benign-tool-result', 'benign-chat'],
  ['benign-document-attack-technique', 'benign-document-attack-technique'],
])

/** What stands before details: `data exfiltration: url exfiltration`, `injection in a document (composed)`. */
function partOf(style: string): string {
  const ends = [':', '('].map((mark) => style.indexOf(mark)).filter((at) => at >= 0)
  return ` (${style.slice(0, Math.min(style.length, ...ends)).trim()})`
}

/** Tasks of BIPIA and questions among the scenarios are what anybody may ask: nothing in the text is wrong. */
function useOf(file: string, { source, style, label }: TrainingRow): Use {
  if (label === 'benign') return 'whole'
  const isTask = source.includes('text_attack_train') || style.includes('memory isolation')
  if (isTask) return 'measured'
  if (file === 'attack-embedded') return 'somewhere'
  return file === 'attack-indirect-payload' ? 'spliced' : 'whole'
}

/** A long text that is not a user's holds its attack somewhere: most of its windows are those of any document. */
function useOfGenerated({ family, label, channel, text }: GeneratedRow): Use {
  if (taskLike.has(family)) return 'measured'
  return label === 'attack' && channel !== 'user' && text.length > longestWhole ? 'somewhere' : 'whole'
}

const longestWhole = 420

function groupsOf(grammar: Grammar): DisjointSets {
  const sets = new DisjointSets()
  for (const [name, { twin }] of grammar.families) {
    if (twin !== null) sets.join(name, twin)
    for (const used of grammar.uses.get(name) ?? []) sets.join(name, used)
  }
  return sets
}
