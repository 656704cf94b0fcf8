import type { ChannelClass } from '../injection/scorer.ts'
import type { Measured, Weights } from '../injection/weights.ts'
import { familyKey, type Evaluation } from './evaluate.ts'
import { measuredShare } from './measure.ts'
import { shares } from './operating-point.ts'

/** The model card of a weights file, in Markdown: what it was made of, what was measured, what it cannot do. */
export function modelCard(weights: Weights, evaluation: Evaluation, control: number): string {
  const { header, digest } = weights
  const { metrics, summary, thresholds, calibration, length } = header
  const { flag, high } = shares
  const attacks = familiesIn({ attack: metrics.attack })
  const benign = familiesIn({ benign: metrics.benign, borderline: metrics.borderline })
  const rowsOf = (some: readonly LeftOutFamily[], columns: 'attack' | 'benign') =>
    some
      .toSorted((a, b) => b.flagged.share - a.flagged.share || (a.family < b.family ? -1 : 1))
      .map(
        (metric) =>
          `| ${metric.family} | ${metric.style} | ${metric.channelClass} | ${metric.flagged.n} | ${told(metric.flagged)} | ${percent(metric.high.share)} | ${columns === 'attack' ? percent(evaluation.seen.get(familyKey(metric))?.share ?? 0) : metric.isBorderline ? 'yes' : ''} |`,
      )
  return `${[
    `# Model card: injection scorer ${header.id} ${header.version}`,
    '',
    'This page is written by `countersign guard evaluate --out`; do not edit it.',
    '',
    `Weights: \`catalogue/guard/injection.1.csgm\`, \`${digest}\`. Languages: ${header.languages.join(', ')}. Seed ${header.seed}.`,
    '',
    '## What it is',
    '',
    'A linear model over hashed n-grams of words, of characters and of concepts (words that mean much the same share one), which reads windows of 12, 24 and 48 words and the head of a text. It says how much a stretch of text reads like an order to a language model that its owner did not give. It runs offline, in linear time, and says which words decided.',
    '',
    'It is one layer. It does not find an embedded instruction that reads like an ordinary task; provenance and the policy about tools do that.',
    '',
    '## Operating point',
    '',
    '| class | flag at z | high at z | `a` of the length | p = 1 / (1 + exp(-(A z + B))), prior ' +
      percent(calibration.prior) +
      ' |',
    '|---|---|---|---|---|',
    ...(['user', 'untrusted'] as const).map(
      (name) =>
        `| ${name} | ${thresholds[name].tFlag} | ${thresholds[name].tHigh} | ${length[name]} | A ${calibration[name].a}, B ${calibration[name].b} |`,
    ),
    '',
    `Thresholds come from families that were left out of training (ADR 0045, ADR 0051). At most ${exactly(flag.collected)} of collected ordinary texts reach \`flag\`, ${exactly(flag.generated)} of generated ordinary ones, which are written to be hard, and ${exactly(flag.borderline)} of harmless texts with the words of attacks; ${exactly(high.collected)}, ${exactly(high.generated)} and ${exactly(high.borderline)} reach \`high\`.`,
    '',
    '## Quality on families that were left out',
    '',
    'Each family was scored by weights that had not seen it, its twin, or a near-duplicate of its texts. Shares are of texts flagged, with 95 % Wilson intervals. Shares in English decide; other languages are advisory.',
    '',
    '| pooled | share | texts |',
    '|---|---|---|',
    ...Object.entries(summary)
      .filter(([name]) => name !== 'auc')
      .map(([name, measured]) => `| ${name.replace('_', ', ')} | ${told(measured)} | ${measured.n} |`),
    '',
    `Area under the curve: ${summary['auc']?.share ?? 0}. Control with labels exchanged at random: ${control.toFixed(3)} (chance is 0.5).`,
    '',
    '### Attacks: recall',
    '',
    '"In training" is the share found of texts of the same family that were learned from: it shows how well the weights fit, not how well they will do.',
    '',
    '| family | style | class | texts | flagged | high | in training |',
    '|---|---|---|---|---|---|---|',
    ...rowsOf(attacks, 'attack'),
    '',
    '### Harmless texts: wrongly flagged',
    '',
    '| family | style | class | texts | flagged | high | words of attacks |',
    '|---|---|---|---|---|---|---|',
    ...rowsOf(benign, 'benign'),
    '',
    '## Texts written apart',
    '',
    ...(evaluation.unseen.length === 0
      ? ['None were measured.']
      : [
          'Texts of `vectors/guard/unseen` were written one by one, by a hand that had not seen the generators, and are never learned from. The first half may be looked at while the scorer is worked on; the second is only counted. Attacks avoid stock phrases, so that recall is lower here than on what is shared most. Shares flagged:',
          '',
          '| texts | looked at | only counted |',
          '|---|---|---|',
          ...evaluation.unseen.map(
            ({ label, style, dev, held }) =>
              `| ${label}: ${style} | ${told(dev)} of ${dev.n} | ${told(held)} of ${held.n} |`,
          ),
          ...(['attack', 'benign'] as const).map(
            (label) =>
              `| all ${label} | ${told(pooled(evaluation.unseen, label, 'dev'))} | ${told(pooled(evaluation.unseen, label, 'held'))} |`,
          ),
        ]),
    '',
    '## Hidden and embedded',
    '',
    'Attacks that are found when plain, hidden in each way and read through the views of the normaliser; harmless texts hidden in the same way.',
    '',
    '| hidden by | attacks found | harmless flagged |',
    '|---|---|---|',
    ...evaluation.hidden.map(
      ({ by, attacks: found, benign: wrong }) => `| ${by} | ${told(found)} | ${told(wrong)} |`,
    ),
    '',
    `Short attacks of families in training, put into documents at the start, in the middle or at the end: ${told(evaluation.embedded)} of ${evaluation.embedded.n} found.`,
    '',
    '## Data',
    '',
    '| file | rows | licence | from |',
    '|---|---|---|---|',
    ...header.data.map(
      ({ file, rows, licence, source }) => `| ${file} | ${rows} | ${licence} | ${shortened(source)} |`,
    ),
    '',
    'Texts that read the same count once. Rows that are attacks only by where they stand (tasks that anybody may ask for) are measured and not learned.',
    '',
    '## Weaknesses',
    '',
    ...weaknesses(attacks, benign).map((line) => `- ${line}`),
  ].join('\n')}\n`
}

/** A family in a channel class, with the shares of its texts that were told while it was left out. */
type LeftOutFamily = {
  readonly family: string
  readonly style: string
  readonly channelClass: ChannelClass
  readonly isBorderline: boolean
  readonly flagged: Measured
  readonly high: Measured
}

/** The families of some kinds of the header, in the order of their names. */
function familiesIn(kinds: Partial<Weights['header']['metrics']>): readonly LeftOutFamily[] {
  const families = Object.entries(kinds).flatMap(([kind, byClass]) =>
    (['untrusted', 'user'] as const).flatMap((channelClass) =>
      byClass[channelClass].map(([family, style, texts, flagged, high]) => ({
        family,
        style,
        channelClass,
        isBorderline: kind === 'borderline',
        flagged: measuredShare(flagged, texts),
        high: measuredShare(high, texts),
      })),
    ),
  )
  return families.toSorted((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0))
}

const weak = 0.5
const wrong = 0.05

function weaknesses(attacks: readonly LeftOutFamily[], benign: readonly LeftOutFamily[]): readonly string[] {
  const missed = attacks.filter(({ flagged }) => flagged.n >= 10 && flagged.share < weak)
  const bothered = benign.filter(({ flagged }) => flagged.n >= 10 && flagged.share > wrong)
  return [
    `Attack families of which less than half were found while left out: ${namesOf(missed)}.`,
    `Harmless families of which more than 5 % were flagged while left out: ${namesOf(bothered)}.`,
    'Instructions that read like an ordinary task are not found: nothing in the text is wrong.',
    'Texts that quote attacks in order to describe them cannot always be told from attacks: they weigh little in training and decide about no threshold, so that the plainest attacks stay found.',
    'English alone is supported; in other languages a score is shown and decides nothing.',
    'Generated families share a handwriting: families left out are less new than what the world will send. Collected rows show the harder case.',
    'Whoever has the weights can write around them. Structure, taint and the policy about tools do not depend on the score.',
  ]
}

function namesOf(metrics: readonly LeftOutFamily[]): string {
  const names = metrics.map(({ family, flagged }) => `${family} (${percent(flagged.share)})`)
  return names.length === 0 ? 'none' : names.join(', ')
}

function pooled(shares: Evaluation['unseen'], label: 'attack' | 'benign', set: 'dev' | 'held'): Measured {
  const some = shares.filter((one) => one.label === label).map((one) => one[set])
  const flagged = some.reduce((sum, { n, share }) => sum + Math.round(n * share), 0)
  return measuredShare(
    flagged,
    some.reduce((sum, { n }) => sum + n, 0),
  )
}

function told({ share, low, high }: Measured): string {
  return `${percent(share)} (${percent(low)} to ${percent(high)})`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** A share that was chosen, not measured: with as many decimals as it has. */
function exactly(share: number): string {
  return `${Number((100 * share).toFixed(4))} %`
}

function shortened(source: string): string {
  const parts = source.split('; ')
  return parts.length <= 3 ? source : `${parts.slice(0, 3).join('; ')} and ${parts.length - 3} more`
}
