import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { readCharters } from '../../../../../src/contracts/routes/charters.ts'
import { useRead } from '../../../api/reading.ts'
import { useMe } from '../../../api/session.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { Id } from '../../../ui/copy.tsx'
import { Empty, Loaded } from '../../../ui/loaded.tsx'
import { Note } from '../../../ui/note.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Person } from '../../../ui/person.tsx'
import { Screen } from '../../../ui/screen.tsx'
import { SelectField } from '../../../ui/field.tsx'
import { Tier } from '../../../ui/status.tsx'
import { Time } from '../../../ui/time.tsx'
import { Interests } from './interests.tsx'
import { Proposals } from './proposals.tsx'
import { inForceOf, ruleKinds, ruleSentence, ruleTiers, type Charter, type Charters } from './rule-words.ts'
import { SeatTable } from './seat-table.tsx'

/** Who decides, and by which rules: what is in force, what is proposed, what was before. */
export function CharterScreen() {
  const read = useRead(readCharters, {}, { everyMs: 30_000 })
  const isAdministrator = useMe().data?.permissions.includes('people.manage') === true
  return (
    <Screen
      title={t('charter.title')}
      answer={read.data === undefined ? undefined : answerOf(read.data)}
      actions={
        isAdministrator ? (
          <span className="muted">{t('charter.draftOthers')}</span>
        ) : (
          <Link className="button primary" to="/charter/edit">
            {t('charter.draft')}
          </Link>
        )
      }
    >
      <Loaded read={read} rows={10}>
        {(charters) => <Content charters={charters} />}
      </Loaded>
    </Screen>
  )
}

function answerOf(charters: Charters): string {
  const inForce = inForceOf(charters)
  const proposals = charters.proposals.length
  return inForce === null
    ? t('charter.answerNone', { proposals })
    : t('charter.answer', { version: inForce.charter.version, proposals })
}

function Content({ charters }: { readonly charters: Charters }) {
  const me = useMe().data
  const inForce = inForceOf(charters)
  const coming = charters.versions.filter(({ effectiveFrom }) => Date.parse(effectiveFrom) > Date.now())
  return (
    <div className="stack wide">
      {inForce === null && <Note tone="attention">{t('charter.bootstrap')}</Note>}
      {coming.map(({ digest, charter, effectiveFrom }) => (
        <Note key={digest} tone="pending">
          {t('charter.coming', { version: charter.version })} <Time at={effectiveFrom} both />
        </Note>
      ))}
      <Proposals charters={charters} />
      {inForce !== null && (
        <>
          <SeatTable charter={inForce.charter} charters={charters} person={me?.person ?? ''} />
          <Rules charter={inForce.charter} />
        </>
      )}
      {me !== undefined && <Interests charters={charters} person={me.person} />}
      <Versions charters={charters} />
    </div>
  )
}

function Rules({ charter }: { readonly charter: Charter }) {
  const [kind, setKind] = useState<string>('initial')
  const rules = charter.rules[kind] ?? {}
  return (
    <Panel title={t('charter.rules')}>
      <div className="stack">
        <SelectField
          label={t('charter.ruleKind')}
          value={kind}
          onChange={setKind}
          options={ruleKinds.map((name) => ({ value: name, label: tCode('caseKind', name) }))}
        />
        <ul className="stack">
          {ruleTiers.map((tier) => {
            const rule = rules[tier]
            if (rule === undefined) return null
            return (
              <li key={tier} className="rule">
                <Tier tier={Number(tier)} />
                <p>{ruleSentence(rule)}</p>
                <p className="muted">
                  {tCode('proofRule', charter.proof[tier] ?? 'session_mfa')}{' '}
                  {t('charter.waiverDays', { days: charter.waiver.maxDays[tier] ?? 0 })}
                </p>
              </li>
            )
          })}
        </ul>
      </div>
    </Panel>
  )
}

function Versions({ charters: { versions, inForce } }: { readonly charters: Charters }) {
  return (
    <Panel title={t('charter.versions')}>
      {versions.length === 0 ? (
        <Empty>{t('charter.noVersion')}</Empty>
      ) : (
        <ul className="stack">
          {versions.toReversed().map(({ digest, charter, effectiveFrom }) => (
            <li key={digest} className="row">
              <strong>{t('charter.version', { version: charter.version })}</strong>
              <Id id={digest} />
              <span>
                {t('charter.from')} <Time at={effectiveFrom} both />
              </span>
              <span className="muted">
                {t('charter.seatCount', { count: charter.seats.length })}
                {digest === inForce && `, ${t('charter.isInForce')}`}
              </span>
              <details>
                <summary>{t('charter.seats')}</summary>
                <ul>
                  {charter.seats.map(({ id, fn, holder }) => (
                    <li key={id}>
                      {tCode('fn', fn)}: <Person id={holder} />
                    </li>
                  ))}
                </ul>
              </details>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
