import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { readQuestionnaire, readUseCase } from '../../../../src/contracts/routes/intake.ts'
import { listSystems } from '../../../../src/contracts/routes/registry.ts'
import { unreachable } from '../../../../src/kernel/brand.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useAddress } from '../../frame/location.ts'
import { isWriting } from '../../frame/keys.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, type MessageKey } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'
import { absolute, relative, useAppearance } from '../../ui/clock.ts'
import { Bones, Failure } from '../../ui/loaded.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { ActOn } from './act-dialogs.tsx'
import { Comments, writeHash } from '../collaboration/comments.tsx'
import { StopButton } from '../safety/stop-dialog.tsx'
import { actsFor, interestedIn, type Act } from './acts.ts'
import { AnswersTab } from './answers-tab.tsx'
import { Verdict } from './assessment.tsx'
import { Duplicates } from './duplicates.tsx'
import { HistoryTab } from './history-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { questionnaireKey, type Question, type Questionnaire, type UseCaseRecord } from './questions.ts'
import { ReviewsTab } from './reviews-tab.tsx'
import { standingText } from './standing.ts'
import { TierTab } from './tier-tab.tsx'
import { TriageClock } from './triage-clock.tsx'

const tabs = ['overview', 'answers', 'tier', 'reviews', 'duplicates', 'comments', 'history'] as const
type Tab = (typeof tabs)[number]
const names: { readonly [T in Tab]: MessageKey } = {
  overview: 'intake.tabOverview',
  answers: 'intake.tabAnswers',
  tier: 'intake.tabTier',
  reviews: 'intake.tabReviews',
  duplicates: 'intake.tabDuplicates',
  comments: 'intake.tabComments',
  history: 'intake.tabHistory',
}

/** One request: where it stands, what was answered, what follows from it, and what may be done. */
export function IntakeRecord() {
  const { id = '', tab = 'overview' } = useAddress()
  const record = useRead(readUseCase, { params: { id } }, { everyMs: 30_000 })
  const questionnaire = useRead(readQuestionnaire, { params: { key: questionnaireKey } })
  if (record.data === undefined || questionnaire.data === undefined) {
    const error = record.error ?? questionnaire.error
    return (
      <Screen title={t('intake.title')}>
        {error === null ? (
          <Bones rows={10} />
        ) : (
          <Failure error={error} onRetry={() => void record.refetch()} />
        )}
      </Screen>
    )
  }
  const shown = tabs.find((one) => one === tab) ?? 'overview'
  return <Shown record={record.data} questionnaire={questionnaire.data} tab={shown} error={record.error} />
}

function Shown({
  record,
  questionnaire,
  tab,
  error,
}: {
  readonly record: UseCaseRecord
  readonly questionnaire: Questionnaire
  readonly tab: Tab
  readonly error: unknown
}) {
  const navigate = useNavigate()
  const me = useMe().data
  const { zone } = useAppearance()
  const [act, setAct] = useState<Act | null>(null)
  const { id, state } = record
  const isOwn = me !== undefined && interestedIn(record).includes(me.person)
  const acts = actsFor(record, me?.person)
  const systems = useRead(listSystems, { query: { useCaseId: id } }).data?.items
  const next = systems?.length === 0 ? ['triage', 'system'] : ['triage']
  const first = acts.find(({ act: one, whyNot }) => next.includes(one) && whyNot === null)
  const canStop = record.permitted.includes('stop.order')
  const canEdit = isOwn && (state === 'draft' || state === 'needs_info')
  usePageCommands([
    ...acts
      .filter(({ whyNot }) => whyNot === null)
      .map(({ act: one, label }) => ({ label, run: () => setAct(one) })),
    ...(tab === 'comments'
      ? []
      : [
          {
            label: t('intake.tabComments'),
            key: 'm',
            run: () => void navigate({ to: addressOf(id, 'comments'), hash: writeHash }),
          },
        ]),
  ])
  useTabKeys(id)
  const isProhibited = state === 'triaged' && record.legal?.class === 'prohibited'
  const when = (at: string) => `${absolute(new Date(at), zone)} (${relative(Date.parse(at), Date.now())})`
  return (
    <Screen
      title={record.title === '' ? t('intake.unnamed') : record.title}
      answer={standingText(record, when)}
      actions={
        <>
          {canEdit && (
            <Button kind="primary" onClick={() => void navigate({ to: `/intake/${id}/edit` })}>
              {t(state === 'draft' ? 'intake.continue' : 'intake.answerQuestions')}
            </Button>
          )}
          {first !== undefined && (
            <Button kind="primary" onClick={() => setAct(first.act)}>
              {first.label}
            </Button>
          )}
          {canStop && <StopButton target={{ scope: 'use_case', targetId: id, name: record.title }} />}
          {acts.length > 0 && (
            <Menu
              label={t('common.actions')}
              entries={acts
                .filter((one) => one !== first)
                .map(({ act: one, label, whyNot }) => ({ label, whyNot, onSelect: () => setAct(one) }))}
            />
          )}
        </>
      }
    >
      {error !== null && <Failure error={error} />}
      <div className="row record-line">
        {!isProhibited && <Status state={state} />}
        {record.assessment !== null && (
          <Verdict
            tier={record.tier}
            legalClass={record.legal?.class ?? null}
            cleared={record.legal?.cleared ?? false}
          />
        )}
        {(state === 'submitted' || state === 'needs_info') && <TriageClock {...record} />}
        {record.mergedInto !== null && (
          <Link to={`/intake/${record.mergedInto}`}>{t('intake.openMerged')}</Link>
        )}
      </div>
      <Tabs
        label={t('intake.tabs')}
        tabs={tabs.map((one) => ({ id: one, label: t(names[one]) }))}
        current={tab}
        hrefOf={(one) => addressOf(id, one)}
      />
      <TabBody
        tab={tab}
        record={record}
        questions={questionnaire.questions}
        sections={questionnaire.sections}
      />
      {act !== null && <ActOn act={act} record={record} onClose={() => setAct(null)} />}
    </Screen>
  )
}

function TabBody({
  tab,
  record,
  questions,
  sections,
}: {
  readonly tab: Tab
  readonly record: UseCaseRecord
  readonly questions: readonly Question[]
  readonly sections: Questionnaire['sections']
}) {
  switch (tab) {
    case 'overview':
      return <OverviewTab record={record} questions={questions} />
    case 'answers':
      return <AnswersTab record={record} questions={questions} sections={sections} />
    case 'tier':
      return <TierTab record={record} questions={questions} />
    case 'reviews':
      return <ReviewsTab record={record} />
    case 'duplicates':
      return <Duplicates id={record.id} />
    case 'comments':
      return <Comments subject={{ k: 'use_case', id: record.id }} />
    case 'history':
      return <HistoryTab id={record.id} />
    default:
      return unreachable(tab)
  }
}

function addressOf(id: string, tab: string): string {
  return tab === 'overview' ? `/intake/${id}` : `/intake/${id}/${tab}`
}

/** `1` to `7` open the tabs. */
function useTabKeys(id: string): void {
  const navigate = useNavigate()
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const tab = tabs[Number(event.key) - 1]
      if (tab === undefined || isWriting(event) || event.ctrlKey || event.metaKey || event.altKey) return
      if (document.querySelector('.dialog') !== null) return
      void navigate({ to: addressOf(id, tab) })
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [id, navigate])
}
