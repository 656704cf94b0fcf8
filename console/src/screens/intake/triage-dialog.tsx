import { explainTier, triageUseCase } from '../../../../src/contracts/routes/intake.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/intake.ts'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import type { DialogProps } from './act-dialogs.tsx'
import { Fired, Legal, reviewNames } from './assessment.tsx'
import { useDuplicates } from './duplicates.tsx'

/** What triage will record: it is computed from the answers, so there is nothing to choose. */
export function TriageDialog({ record, onClose }: DialogProps) {
  const tier = useRead(explainTier, { params: { id: record.id } })
  const doubles = useDuplicates(record.id).data?.items ?? []
  return (
    <CommandDialog
      route={triageUseCase}
      input={() => ({ params: { id: record.id }, body: {}, ifMatch: record.revision })}
      title={t('act.triage')}
      says={t('act.triageSays')}
      verb={t('act.triageVerb')}
      whyNot={tier.data === undefined ? t('common.loading') : null}
      onClose={onClose}
    >
      <Loaded read={tier} rows={5}>
        {({ computed, computedLegal: legal, reviews }) => (
          <div className="stack">
            <Facts
              rows={[
                [t('intake.tier'), <Tier key="tier" tier={computed.tier} />],
                [t('intake.legalClass'), <Legal key="legal" name={legal.class} />],
                [t('intake.reviews'), reviewNames(reviews)],
                [t('intake.due'), <Time key="due" at={record.triageDue} both />],
              ]}
            />
            <Fired computed={computed} />
            {legal.class === 'prohibited' && <Note tone="breach">{t('act.triageProhibited')}</Note>}
            {computed.unknowns.length > 0 && (
              <Note tone="unknown">{t('act.triageUnknowns', { count: computed.unknowns.length })}</Note>
            )}
            {doubles.length > 0 && (
              <Note tone="attention">{t('act.triageDoubles', { count: doubles.length })}</Note>
            )}
          </div>
        )}
      </Loaded>
    </CommandDialog>
  )
}
