import { t } from '../../messages/intake.ts'
import { PlaceLink } from '../../ui/place-link.tsx'
import { Shape } from '../../ui/status.tsx'

export type SectionEntry = {
  readonly key: string
  readonly title: string
  readonly required: number
  readonly answered: number
}

/** The sections with how far each is. */
export function SectionList({
  sections,
  current,
  isAll,
  hrefOf,
}: {
  readonly sections: readonly SectionEntry[]
  readonly current: string
  readonly isAll: boolean
  readonly hrefOf: (section: string) => string
}) {
  return (
    <nav className="sections" aria-label={t('intake.sections')}>
      <ol>
        {sections.map(({ key, title, required, answered }) => (
          <li key={key}>
            <PlaceLink href={hrefOf(key)} current={!isAll && key === current ? 'step' : undefined}>
              <span className={answered >= required ? 'tone-good' : 'muted'}>
                <Shape tone={answered >= required ? 'good' : answered > 0 ? 'pending' : 'neutral'} />
              </span>
              <span className="grow">{title}</span>
              <span className="muted num">
                {key === 'submit'
                  ? t('intake.openFields', { count: required })
                  : required === 0
                    ? t('intake.nothingAsked')
                    : t('intake.progress', { answered, required })}
              </span>
            </PlaceLink>
          </li>
        ))}
      </ol>
      <p>
        <PlaceLink href={isAll ? hrefOf(current).replace('&view=all', '') : `${hrefOf(current)}&view=all`}>
          {isAll ? t('intake.oneSection') : t('intake.allSections')}
        </PlaceLink>
      </p>
      <p className="muted only-wide">
        <kbd>Alt ↑</kbd> <kbd>Alt ↓</kbd> {t('intake.sectionKeys')}
      </p>
    </nav>
  )
}
