import { Link } from '@tanstack/react-router'
import { useCaseDuplicates } from '../../../../src/contracts/routes/intake.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/intake.ts'
import { CheckField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

/** Records that look like this one. */
export function useDuplicates(id: string) {
  return useRead(useCaseDuplicates, { params: { id } }, { keepsLast: true })
}

/** Likely duplicates, the most alike first; with `onDismiss` one says which of them are something else. */
export function Duplicates({
  id,
  dismissed = [],
  onDismiss,
}: {
  readonly id: string
  readonly dismissed?: readonly string[]
  readonly onDismiss?: (id: string, isOther: boolean) => void
}) {
  const read = useDuplicates(id)
  return (
    <Panel title={t('intake.duplicates')}>
      <Loaded read={read} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{t('intake.noDuplicates')}</p>
          ) : (
            <ul className="stack">
              {items.map(({ id: other, title, scoreBp, mustDecide }) => (
                <li key={other}>
                  <div className="row">
                    <Link to={`/intake/${other}`}>
                      <Untrusted text={title} />
                    </Link>
                    <span className="muted num">{t('intake.likeness', { share: scoreBp / 10_000 })}</span>
                  </div>
                  {onDismiss !== undefined && mustDecide && (
                    <CheckField
                      label={t('intake.isOther')}
                      checked={dismissed.includes(other)}
                      onChange={(isOther) => onDismiss(other, isOther)}
                    />
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  )
}
