import { useParams } from '@tanstack/react-router'
import { readCase } from '../../../../../src/contracts/routes/cases.ts'
import { useRead } from '../../../api/reading.ts'
import { tCode } from '../../../messages/committee.ts'
import { t } from '../../../messages/print.ts'
import { Note } from '../../../ui/note.tsx'
import { PendingScreen } from '../../../ui/pending-screen.tsx'
import { PrintSheet } from '../../print/sheet.tsx'
import type { Case } from './case.ts'
import { CaseTimeline } from './case-timeline.tsx'
import { Evidence } from './evidence.tsx'
import { Result } from './result.tsx'
import { Seats } from './seats.tsx'
import { SubjectPanel } from './subject.tsx'
import { TallyBar } from './tally-bar.tsx'

/** The whole record of a case: what was asked, on which evidence, who said what, and what became of it. */
export function CaseRecord() {
  return (
    <Printed title="print.caseTitle">
      {(found) => (
        <>
          <TallyBar found={found} />
          <Result found={found} />
          <SubjectPanel found={found} />
          <Evidence found={found} />
          <Seats found={found} />
          <CaseTimeline found={found} />
        </>
      )}
    </Printed>
  )
}

/** The decision alone: what was decided on what, by whom, until when. */
export function DecisionCertificate() {
  return (
    <Printed title="print.decisionTitle">
      {(found) =>
        found.decision === null ? (
          <Note>{t('print.undecided')}</Note>
        ) : (
          <>
            <TallyBar found={found} />
            <Result found={found} />
            <SubjectPanel found={found} />
            <Seats found={found} />
          </>
        )
      }
    </Printed>
  )
}

function Printed({
  title,
  children,
}: {
  readonly title: 'print.caseTitle' | 'print.decisionTitle'
  readonly children: (found: Case) => React.ReactNode
}) {
  const { id = '' } = useParams({ strict: false })
  const { data, error, refetch } = useRead(readCase, { params: { id } })
  if (data === undefined)
    return <PendingScreen title={t('print.print')} error={error} onRetry={() => void refetch()} />
  // What the reader may do is no part of the record.
  const { own: _, ...record } = data
  const { kind, environment } = data.subject
  return (
    <PrintSheet
      title={t(title, { title: data.title })}
      scope={t('print.caseScope', {
        kind: tCode('caseKind', kind),
        environment: tCode('environment', environment),
        id,
      })}
      back={`/cases/${id}`}
      data={record}
      streams={[`case/${id}`]}
    >
      {children(data)}
    </PrintSheet>
  )
}
