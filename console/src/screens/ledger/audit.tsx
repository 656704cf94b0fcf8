import { useSearchMembers } from '../../frame/location.ts'
import { t, tCode } from '../../messages/ledger.ts'
import { Screen } from '../../ui/screen.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { controls } from './controls.ts'
import { EntryList } from './entry-list.tsx'
import { Evidence } from './evidence.tsx'
import { PersonHistory } from './person-history.tsx'
import { RecordHistory } from './record-history.tsx'
import { Refusals } from './refusals.tsx'
import { Replay } from './replay.tsx'

const tabs = ['evidence', 'history', 'refusals', 'replay', 'person', 'disclosure'] as const

/** Who did or tried what, when, with which authority. */
export function Audit() {
  const { tab, id = '', control } = useSearchMembers()
  const current = tabs.find((name) => name === tab) ?? 'evidence'
  return (
    <Screen title={t('rail.audit')} answer={t('audit.answer')}>
      <Tabs
        label={t('audit.tabs')}
        tabs={tabs.map((name) => ({ id: name, label: tCode('audit.tab', name) }))}
        current={current}
        hrefOf={(name) => `/audit?tab=${name}`}
      />
      {current === 'evidence' && <Evidence control={control} />}
      {current === 'history' && <RecordHistory id={id} />}
      {current === 'refusals' && <Refusals />}
      {current === 'replay' && <Replay id={id} />}
      {current === 'person' && <PersonHistory id={id} />}
      {current === 'disclosure' && (
        <EntryList id="disclosure" kinds={controls['disclosure'] ?? []} empty={t('audit.disclosureNone')} />
      )}
    </Screen>
  )
}
