import { t } from '../../messages/ledger.ts'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { AskId, StreamHistory } from './record-history.tsx'

/** Which roles and seats a person had, and who gave and took them. */
export function PersonHistory({ id }: { readonly id: string }) {
  const isPerson = /^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(id)
  return (
    <div className="stack wide">
      <AskId key={id} tab="person" id={id} label={t('audit.personId')} show={t('audit.personShow')} />
      {id !== '' && !isPerson && <Note tone="attention">{t('audit.historyUnknown')}</Note>}
      {isPerson && (
        <>
          <p>
            <Person id={id} />
          </p>
          <Panel title={t('audit.personRoles')}>
            <StreamHistory stream={`person/${id}`} empty={t('audit.personNone')} />
          </Panel>
          <Panel title={t('audit.personSeats')}>
            <StreamHistory
              stream="charter/main"
              empty={t('audit.personSeatsNone')}
              keeps={({ facts }) => JSON.stringify(facts).includes(id)}
            />
          </Panel>
        </>
      )}
    </div>
  )
}
