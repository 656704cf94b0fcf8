import { t } from '../../messages/guard.ts'
import { Untrusted } from '../../ui/untrusted.tsx'

/** N-grams of a text, each with how much it speaks for an attack; below zero against one. */
export function Features({
  features,
}: {
  readonly features: readonly { readonly ngram: string; readonly share: number }[]
}) {
  if (features.length === 0) return null
  return (
    <ul className="row" aria-label={t('try.features')}>
      {features.map((feature, n) => (
        // oxlint-disable-next-line react/no-array-index-key -- the same n-gram may stand in a text twice
        <li key={n} className="chip">
          <code>
            <Untrusted text={feature.ngram} />
          </code>{' '}
          {t('try.feature', { share: (feature.share * 100).toFixed(1) })}
        </li>
      ))}
    </ul>
  )
}
