import { csvLines } from '../../src/governance/intake/index.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'

const answerKeys = Object.keys(advisorySummariser('')).filter(
  (key) => !['expectedOutcome', 'actions', 'integrations'].includes(key),
)
const headers = [
  'externalId',
  'businessOwner',
  'technicalOwner',
  'backupOwner',
  'expectedOutcome.1.metric',
  'expectedOutcome.1.unit',
  'expectedOutcome.1.baseline',
  'expectedOutcome.1.target',
  'expectedOutcome.1.horizonDays',
  'actions.1.toolId',
  'actions.1.effect',
  'actions.1.changesSystem',
  'actions.1.autonomy',
  'actions.1.reversible',
  'actions.1.blastRadius',
  'actions.1.externalSend',
  'integrations',
  ...answerKeys,
]

export type Owners = { readonly business: string; readonly technical: string; readonly backup?: string }

/** A row of cells by header, complete and of tier 1. Rows of different numbers do not look alike. */
export function importRow(n: number, owners: Owners): Record<string, string> {
  const answers = advisorySummariser(titleOf(n))
  const cells = answerKeys.map((key) => [key, cellOf(answers[key])])
  return {
    ...(Object.fromEntries(cells) as Record<string, string>), // pairs of texts
    externalId: `INV-${String(n).padStart(5, '0')}`,
    businessOwner: owners.business,
    technicalOwner: owners.technical,
    backupOwner: owners.backup ?? '',
    'expectedOutcome.1.metric': 'minutes per advisory',
    'expectedOutcome.1.unit': 'min',
    'expectedOutcome.1.baseline': '25',
    'expectedOutcome.1.target': '10',
    'expectedOutcome.1.horizonDays': '90',
    'actions.1.toolId': `tool/${n % 97}`,
    'actions.1.effect': 'read',
    'actions.1.changesSystem': 'no',
    'actions.1.autonomy': 'A0',
    'actions.1.reversible': 'yes',
    'actions.1.blastRadius': 'single',
    'actions.1.externalSend': 'no',
    integrations: '[]',
    modelId: `model-${n % 50}`,
  }
}

/** A file of these rows; cells that a row does not have are empty. */
export function importFile(
  rows: readonly Readonly<Record<string, string>>[],
  more: readonly string[] = [],
): string {
  const all = [...headers, ...more]
  return csvLines([all, ...rows.map((row) => all.map((header) => row[header] ?? ''))])
}

const syllables = [
  'ka',
  'lo',
  'mi',
  'ru',
  'ten',
  'sal',
  'vor',
  'qui',
  'bem',
  'dax',
  'fen',
  'gor',
  'hul',
  'jin',
  'pex',
  'zam',
]

/** Four made-up words that spell the number, mixed so that neighbours have little in common. */
function titleOf(n: number): string {
  let mixed = Math.imul(n + 1, 0x9e3779b1) >>> 0
  const words = [0, 1, 2, 3].map(() => {
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 0
    return [0, 4, 8].map((shift) => syllables[(mixed >>> shift) & 15]).join('')
  })
  return words.join(' ')
}

function cellOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value)
  return value.length === 0 ? '[]' : value.join(';')
}
