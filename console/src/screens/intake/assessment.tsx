import type { assessAnswers } from '../../../../src/contracts/routes/intake.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { t, tCode } from '../../messages/intake.ts'
import { Status, Tier } from '../../ui/status.tsx'
import { optionText, type Question } from './questions.ts'

type Preview = ReplyOf<typeof assessAnswers>
export type Computed = Preview['computed']
export type LowerIf = Preview['lowerIf'][number]
export type LegalClass = Preview['legal']['class']

/** The legal class in words. What is not determined looks unknown; a prohibited practice looks like what it is. */
export function Legal({
  name,
  cleared = false,
}: {
  readonly name: LegalClass | null
  readonly cleared?: boolean
}) {
  const word = tCode('legal', name ?? 'undetermined')
  if (name === null || name === 'undetermined') return <Status state="unknown" word={word} />
  if (name === 'prohibited') return <Status state={name} tone="breach" word={word} />
  return <span>{cleared ? t('intake.legalCleared', { name: word }) : word}</span>
}

/** The state of a request. A prohibited practice was triaged too, and must not look as if all were well. */
export function RequestState({
  state,
  legalClass,
}: {
  readonly state: string
  readonly legalClass: LegalClass | null
}) {
  if (state === 'triaged' && legalClass === 'prohibited')
    return <Status state={legalClass} tone="breach" word={tCode('legal', legalClass)} />
  return <Status state={state} />
}

/** The rules that demand a tier, the heaviest first. */
export function Fired({ computed }: { readonly computed: Computed }) {
  const rules = computed.fired.toSorted((a, b) => b.tier - a.tier || a.id.localeCompare(b.id))
  if (rules.length === 0) return <p className="muted">{t('intake.noFloor')}</p>
  return (
    <ul className="stack tight">
      {rules.map(({ id, tier, why }) => (
        <li key={id}>
          <code>{id}</code> {t('tier.label', { tier })}: {why}
        </li>
      ))}
    </ul>
  )
}

const dimensions = ['data', 'action', 'exposure', 'supplier', 'scale'] as const

/** The points by dimension, the bars against the largest of them. */
export function Points({ computed }: { readonly computed: Computed }) {
  const largest = Math.max(1, ...dimensions.map((name) => computed.perDimension[name] ?? 0))
  return (
    <table className="points">
      <caption>{t('intake.points', { points: computed.points })}</caption>
      <tbody>
        {dimensions.map((name) => {
          const points = computed.perDimension[name] ?? 0
          return (
            <tr key={name}>
              <th scope="row">{tCode('dimension', name)}</th>
              <td className="end">{points}</td>
              <td>
                <Bar share={points / largest} />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** A share between 0 and 1 as a bar; the number stands beside it. */
export function Bar({ share, tone = 'neutral' }: { readonly share: number; readonly tone?: string }) {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 100)
  return (
    <svg className={`bar tone-${tone}`} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect className="track" width="100" height="8" />
      <rect width={width} height="8" fill="currentColor" />
    </svg>
  )
}

/** One answer that would lower the tier. */
export function lowerText({ key, to, tier }: LowerIf, questions: readonly Question[]): string {
  const question = questions.find((one) => one.key === key)
  return t('intake.lowerIf', { question: question?.label ?? key, to: lowerTo({ key, to }, question), tier })
}

/** The answer up to which the tier would be lower. */
export function lowerTo({ key, to }: Pick<LowerIf, 'key' | 'to'>, question: Question | undefined): string {
  if (Array.isArray(to))
    return to.length === 0 ? t('intake.none') : to.map((value) => optionText(key, String(value))).join(', ')
  if (typeof to === 'number') return t('intake.atMost', { count: to })
  return question === undefined ? String(to) : optionText(key, String(to))
}

/** Tier and legal class side by side. */
export function Verdict({
  tier,
  legalClass,
  cleared = false,
}: {
  readonly tier: number | null
  readonly legalClass: LegalClass | null
  readonly cleared?: boolean
}) {
  return (
    <div className="row verdict">
      <Tier tier={tier} />
      <Legal name={legalClass} cleared={cleared} />
    </div>
  )
}

/** The reviews that these answers demand, in words. */
export function reviewNames(reviews: readonly { readonly kind: string }[]): string {
  return reviews.length === 0
    ? t('intake.noReviews')
    : reviews.map(({ kind }) => tCode('review', kind)).join(', ')
}
