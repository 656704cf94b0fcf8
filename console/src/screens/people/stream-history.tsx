import { Link } from '@tanstack/react-router'
import { ledgerEntries } from '../../../../src/contracts/routes/ledger.ts'
import { problemIn } from '../../api/client.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/people.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { roleText } from './role-words.tsx'

/** What the ledger says about one record, newest first as far as it is read; nothing for whoever may not read the ledger. */
export function StreamHistory({ stream }: { readonly stream: string }) {
  const entries = useRead(ledgerEntries, { query: { stream, limit: 100 } })
  if (problemIn(entries.error)?.code === 'FORBIDDEN') return null
  return (
    <Panel title={t('people.history')}>
      <Loaded read={entries} rows={3}>
        {({ items, next }) =>
          items.length === 0 ? (
            <p className="muted">{t('people.historyNone')}</p>
          ) : (
            <>
              {next !== undefined && (
                <p className="muted">{t('people.historyMore', { count: items.length })}</p>
              )}
              <Timeline
                moments={items.toReversed().map(({ id, at, kind, actor, facts }) => ({
                  id,
                  at,
                  text: (
                    <>
                      <Link to={`/ledger/entries/${id}`}>{tCode('event', kind)}</Link>
                      {detailOf(facts)}, <Actor id={actor} />
                    </>
                  ),
                }))}
              />
            </>
          )
        }
      </Loaded>
    </Panel>
  )
}

/** What an entry is about, as far as it is a word: which credential, which role. */
function detailOf(facts: Readonly<Record<string, unknown>>): string {
  const { credential, grant, request } = facts as Readonly<
    Record<string, { readonly kind?: unknown; readonly role?: unknown; readonly fn?: unknown } | undefined>
  > // read member by member
  const kind = credential?.kind
  if (typeof kind === 'string') return `: ${tCode('credential', kind)}`
  const { role, fn } = grant ?? request ?? {}
  if (typeof role !== 'string') return ''
  return `: ${roleText(role, typeof fn === 'string' ? fn : null)}`
}
