import { t } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'

/** A column that takes an entry out of the draft. */
export function removing<T>(onSave: ((entries: T[]) => void) | null, entries: readonly T[]) {
  if (onSave === null) return []
  return [
    {
      id: 'remove',
      header: t('common.actions'),
      cell: (entry: T) => (
        <Button kind="quiet" onClick={() => onSave(entries.filter((other) => other !== entry))}>
          {t('terms.remove')}
        </Button>
      ),
    },
  ]
}
