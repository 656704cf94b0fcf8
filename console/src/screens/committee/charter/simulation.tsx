import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { simulateCharter } from '../../../../../src/contracts/routes/charters.ts'
import type { ReplyOf } from '../../../../../src/contracts/route.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { Loaded } from '../../../ui/loaded.tsx'
import { Note } from '../../../ui/note.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Reasons } from '../../../ui/outcome.tsx'
import { Status, Tier } from '../../../ui/status.tsx'
import { Untrusted } from '../../../ui/untrusted.tsx'

/** What the draft's rules would have made of the ballots of ended cases. */
export function SimulationPanel({
  read,
  isWhole,
}: {
  readonly read: UseQueryResult<ReplyOf<typeof simulateCharter>>
  readonly isWhole: boolean
}) {
  return (
    <Panel title={t('simulation.title')}>
      {!isWhole && read.data === undefined ? (
        <p className="muted">{t('simulation.waits')}</p>
      ) : (
        <Loaded read={read}>
          {({ compared, differing }) => (
            <div className="stack">
              <p>{t('simulation.text')}</p>
              <Note tone={differing.length === 0 ? 'good' : 'attention'} live="polite">
                {compared === 0
                  ? t('simulation.nothing')
                  : t('simulation.differs', { differing: differing.length, compared })}
              </Note>
              <ul className="stack">
                {differing.map(({ caseId, title, kind, tier, recorded, simulated, reasons }) => (
                  <li key={caseId} className="stack">
                    <div className="row">
                      <Link to={`/cases/${caseId}`}>
                        <Untrusted text={title} />
                      </Link>
                      <span className="muted">{tCode('caseKind', kind)}</span>
                      <Tier tier={tier} />
                      <Status state={recorded} /> → <Status state={simulated} />
                    </div>
                    {reasons.length > 0 && <Reasons reasons={reasons} />}
                  </li>
                ))}
              </ul>
            </div>
          )}
        </Loaded>
      )}
    </Panel>
  )
}
