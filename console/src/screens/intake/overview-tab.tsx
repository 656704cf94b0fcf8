import { Link } from '@tanstack/react-router'
import { listSystems } from '../../../../src/contracts/routes/registry.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/intake.ts'
import { Id } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { Unit } from '../../ui/unit.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { Question, UseCaseRecord } from './questions.ts'
import { labelOf } from './save-state.tsx'

/** Who answers for it, what was asked and answered, and what was built for it. */
export function OverviewTab({
  record,
  questions,
}: {
  readonly record: UseCaseRecord
  readonly questions: readonly Question[]
}) {
  return (
    <div className="columns">
      <div className="stack">
        <Panel title={t('intake.who')}>
          <Facts
            rows={[
              [t('intake.requester'), <Person key="requester" id={record.requester} />],
              [tCode('owner', 'business'), <Owner key="business" id={record.businessOwner} />],
              [tCode('owner', 'technical'), <Owner key="technical" id={record.technicalOwner} />],
              [tCode('owner', 'backup'), <Owner key="backup" id={record.backupOwner} />],
              [t('intake.unit'), <Unit key="unit" id={record.unit} />],
            ]}
          />
        </Panel>
        <Panel title={t('intake.record')}>
          <Facts
            rows={[
              [t('intake.id'), <Id key="id" id={record.id} whole />],
              [t('intake.revision'), <span key="revision">{record.answersRevision}</span>],
              [t('intake.revisionDigest'), <Digest key="digest" digest={record.revisionDigest} />],
              [t('intake.inForce'), <Digest key="force" digest={record.revisionInForce} />],
              [t('intake.triagedBy'), <Owner key="triaged" id={record.triagedBy} />],
              ...(record.state === 'submitted' || record.state === 'needs_info'
                ? [[t('intake.due'), <Time key="due" at={record.triageDue} both />] as const]
                : []),
              [t('intake.updated'), <Time key="updated" at={record.updatedAt} both />],
            ]}
          />
        </Panel>
        <Systems id={record.id} />
      </div>
      <Panel title={t('intake.exchanges')}>
        {record.exchanges.length === 0 ? (
          <p className="muted">{t('intake.noExchanges')}</p>
        ) : (
          <Timeline
            moments={record.exchanges
              .map((turn, i) => ({
                id: String(i),
                at: turn.at,
                text: <Turn turn={turn} isFirst={i === 0} questions={questions} />,
              }))
              .toReversed()}
          />
        )}
      </Panel>
    </div>
  )
}

function Owner({ id }: { readonly id: string | null }) {
  return id === null ? <span className="muted">{t('common.none')}</span> : <Person id={id} />
}

function Digest({ digest }: { readonly digest: string | null }) {
  return digest === null ? <span className="muted">{t('common.none')}</span> : <Id id={digest} />
}

function Turn({
  turn,
  isFirst,
  questions,
}: {
  readonly turn: UseCaseRecord['exchanges'][number]
  readonly isFirst: boolean
  readonly questions: readonly Question[]
}) {
  const says = isFirst ? t('intake.submitted') : t(turn.e === 'asked' ? 'intake.asked' : 'intake.answered')
  return (
    <>
      <p>
        {turn.by !== null && <Person id={turn.by} />} {says}
      </p>
      {turn.text !== null && <Untrusted block text={turn.text} />}
      {!isFirst && turn.keys.length > 0 && (
        <p className="muted">
          {t(turn.e === 'asked' ? 'intake.askedKeys' : 'intake.answeredKeys')}{' '}
          {turn.keys.map((key) => labelOf(key, questions)).join('; ')}
        </p>
      )}
    </>
  )
}

function Systems({ id }: { readonly id: string }) {
  const read = useRead(listSystems, { query: { useCaseId: id } })
  return (
    <Panel title={t('intake.systems')}>
      <Loaded read={read} rows={1}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{t('intake.noSystems')}</p>
          ) : (
            <ul className="stack tight">
              {items.map((system) => (
                <li key={system.id} className="row">
                  <Link to={`/systems/${system.id}`}>
                    <Untrusted text={system.name} />
                  </Link>
                  <span className="muted">{tCode('systemKind', system.kind)}</span>
                  <Status state={system.state} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  )
}
