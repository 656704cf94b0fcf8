import { useRef, useState } from 'react'
import { listGuardRules } from '../../../../src/contracts/routes/guard.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { readRecordFeedback } from '../../../../src/contracts/routes/guard-feedback.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/note.tsx'
import { Status } from '../../ui/status.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { toneOfEffect } from './call-tone.ts'
import { placesOf, type Numbered, type Place } from './finding-places.ts'
import { FindingStrip } from './finding-strip.tsx'
import type { RecordFinding, RuntimeRecord } from './runtime-record.ts'
import { MarkDialog, type Mark } from './mark-dialog.tsx'
import { Severity } from './severity.tsx'

type Rule = ReplyOf<typeof listGuardRules>['rules'][number]

/** What the guard found in a call, each finding in its place, with what its rule looks for. `n` and `p` move between them. */
export function Findings({ record }: { readonly record: RuntimeRecord }) {
  const { inspection, findings, findingCount } = record
  const places = placesOf(findings)
  const hasAny = findings.length > 0
  const rules = useRead(listGuardRules, { query: {} }, { enabled: hasAny })
  const [chosen, setChosen] = useState(0)
  const [marking, setMarking] = useState<{ readonly finding: RecordFinding; readonly mark: Mark } | null>(
    null,
  )
  const mayMark = useMe().data?.permissions.includes('guard.feedback') === true
  const feedback = useRead(readRecordFeedback, { params: { record: record.id } }, { enabled: hasAny })
  const numbered = places.flatMap((place) => place.findings)
  const markChosen = (mark: Mark) => {
    const finding = numbered.find(({ n }) => n === chosen)
    if (finding !== undefined) setMarking({ finding, mark })
  }
  const list = useRef<HTMLDivElement>(null)
  const go = (by: number) => {
    const next = Math.min(findings.length, Math.max(1, chosen + by))
    list.current?.querySelector<HTMLElement>(`[data-finding="${next}"]`)?.focus()
  }
  usePageCommands(
    hasAny
      ? [
          { label: t('record.nextFinding'), key: 'n', run: () => go(1) },
          { label: t('record.previousFinding'), key: 'p', run: () => go(-1) },
          ...(mayMark
            ? [
                { label: t('mark.true'), key: 't', run: () => markChosen('true_positive') },
                { label: t('mark.false'), key: 'f', run: () => markChosen('false_positive') },
              ]
            : []),
        ]
      : [],
  )
  if (findingCount === 0) return <p>{tCode('record.clean', inspection)}</p>
  const ruleOf = (id: string) => rules.data?.rules.find((rule) => rule.id === id)
  return (
    <div className="stack" ref={list}>
      <p>
        {tCode('record.found', inspection, { count: findingCount })}
        {findingCount > findings.length &&
          ` ${t('record.onlyWorst', { listed: findings.length, count: findingCount })}`}
      </p>
      <p className="muted">{t('record.noText')}</p>
      {rules.error !== null && <Note tone="attention">{t('record.rulesMissing')}</Note>}
      {(['input', 'output'] as const).map((side) => {
        const here = places.filter((place) => place.side === side)
        return here.length === 0 ? null : (
          <section key={side} className="stack" aria-label={tCode('record.side', side)}>
            <h3>{tCode('record.side', side)}</h3>
            {here.map((place) => (
              <PlaceOf
                key={`${place.path} ${place.channel}`}
                place={place}
                chosen={chosen}
                onChoose={setChosen}
                ruleOf={ruleOf}
                isWaiting={rules.isPending}
                markOf={(finding) =>
                  feedback.data?.marks.find((mark) => mark.finding === indexIn(findings, finding))?.mark
                }
                onMark={mayMark ? (finding, mark) => setMarking({ finding, mark }) : null}
              />
            ))}
          </section>
        )
      })}
      {marking !== null && (
        <MarkDialog
          record={record.id}
          finding={indexIn(findings, marking.finding)}
          rule={marking.finding.rule}
          first={marking.mark}
          onClose={() => setMarking(null)}
        />
      )}
    </div>
  )
}

/** The place of a finding in its record, by which it is marked. */
function indexIn(findings: readonly RecordFinding[], finding: RecordFinding): number {
  const names = ['side', 'path', 'channel', 'rule', 'start', 'end'] as const
  return findings.findIndex((other) => names.every((name) => other[name] === finding[name]))
}

type Marking = {
  readonly markOf: (finding: RecordFinding) => Mark | undefined
  readonly onMark: ((finding: RecordFinding, mark: Mark) => void) | null
}

function PlaceOf({
  place: { path, channel, findings },
  chosen,
  onChoose,
  ruleOf,
  isWaiting,
  ...marking
}: Marking & {
  readonly place: Place
  readonly chosen: number
  readonly onChoose: (n: number) => void
  readonly ruleOf: (id: string) => Rule | undefined
  readonly isWaiting: boolean
}) {
  return (
    <div className="finding-place">
      <p className="row">
        <code>
          <Untrusted text={path === '' ? '/' : path} />
        </code>
        <span className="muted">{tCode('channel', channel)}</span>
      </p>
      <FindingStrip findings={findings} chosen={chosen} onChoose={onChoose} />
      <ol className="finding-list">
        {findings.map((finding) => (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- focus and pointer only mark its span
          <li
            key={finding.n}
            data-finding={finding.n}
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- `n` and `p` move through the findings
            tabIndex={-1}
            className={finding.n === chosen ? 'chosen' : ''}
            onFocus={() => onChoose(finding.n)}
            onPointerEnter={() => onChoose(finding.n)}
          >
            <Finding finding={finding} rule={ruleOf(finding.rule)} isWaiting={isWaiting} {...marking} />
          </li>
        ))}
      </ol>
    </div>
  )
}

function Finding({
  finding,
  rule,
  isWaiting,
  markOf,
  onMark,
}: Marking & {
  readonly finding: Numbered
  readonly rule: Rule | undefined
  readonly isWaiting: boolean
}) {
  const { n, rule: id, kind, severity, sureness, start, end, effect } = finding
  const mark = markOf(finding)
  return (
    <>
      <p className="row">
        <span className="num muted">{n}</span>
        <strong>{rule?.name ?? (isWaiting ? tCode('findingKind', kind) : t('record.ruleUnknown'))}</strong>
        <Severity severity={severity} />
        <Status state={effect} tone={toneOfEffect[effect]} word={tCode('effect', effect)} />
      </p>
      <p>{rule?.explanation ?? (isWaiting ? '' : t('record.ruleUnknownText'))}</p>
      <p className="muted">
        {tCode('findingKind', kind)} · {tCode('sureness', sureness)} ·{' '}
        {t('record.span', { from: start, to: end, length: end - start })} · <code>{id}</code>
      </p>
      {mark !== undefined && <p>{t('mark.is', { mark: tCode('mark', mark) })}</p>}
      {onMark !== null && (
        <p className="row no-print">
          <Button kind="quiet" onClick={() => onMark(finding, 'true_positive')}>
            {t('mark.true')}
          </Button>
          <Button kind="quiet" onClick={() => onMark(finding, 'false_positive')}>
            {t('mark.false')}
          </Button>
        </p>
      )}
    </>
  )
}
