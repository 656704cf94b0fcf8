import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import {
  assessAnswers,
  readQuestionnaire,
  readUseCase,
  submitUseCase,
} from '../../../../src/contracts/routes/intake.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useAddress, useSearchMembers } from '../../frame/location.ts'
import { t, tCode } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'
import { Bones, Failure } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import type { Reason } from '../../ui/outcome.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { interestedIn } from './acts.ts'
import { AskedNote } from './asked-note.tsx'
import { Duplicates } from './duplicates.tsx'
import { OwnersFields } from './owners-fields.tsx'
import { QuestionBlock } from './question-block.tsx'
import {
  ownerRoles,
  progressOf,
  questionnaireKey,
  type Progress,
  type Questionnaire,
  type UseCaseRecord,
} from './questions.ts'
import { SaveState } from './save-state.tsx'
import { SectionList, type SectionEntry } from './section-list.tsx'
import { StaleNote } from './stale-note.tsx'
import { SubmitSection } from './submit-section.tsx'
import { TierPreview } from './tier-preview.tsx'
import { useDraft, whole, type Draft } from './use-draft.ts'
import { useSections } from './use-sections.ts'

/** The request as a form: what is asked, why, what it means for the tier, and what is still missing. */
export function IntakeForm() {
  const { id = '' } = useAddress()
  const me = useMe()
  const record = useRead(readUseCase, { params: { id } })
  const questionnaire = useRead(readQuestionnaire, { params: { key: questionnaireKey } })
  const error = record.error ?? questionnaire.error
  if (record.data === undefined || questionnaire.data === undefined || me.data === undefined)
    return (
      <Screen title={t('intake.request')}>
        {error === null ? <Bones rows={10} /> : <Failure error={error} />}
      </Screen>
    )
  const { state, title } = record.data
  const isOpen = state === 'draft' || state === 'needs_info'
  if (!isOpen || !interestedIn(record.data).includes(me.data.person))
    return (
      <Screen title={title}>
        <Note>
          <p>
            {isOpen ? t('reason.NOT_THE_OWNER') : t('intake.notEditable', { state: tCode('state', state) })}
          </p>
          <LinkToRecord id={id} />
        </Note>
      </Screen>
    )
  return <Form key={id} record={record.data} questionnaire={questionnaire.data} person={me.data.person} />
}

function LinkToRecord({ id }: { readonly id: string }) {
  const navigate = useNavigate()
  return <Button onClick={() => void navigate({ to: `/intake/${id}` })}>{t('intake.openRecord')}</Button>
}

function Form({
  record,
  questionnaire,
  person,
}: {
  readonly record: UseCaseRecord
  readonly questionnaire: Questionnaire
  readonly person: string
}) {
  const navigate = useNavigate()
  const draft = useDraft(record, questionnaire.questions, person)
  const preview = usePreview(questionnaire, record, draft)
  const submit = useCommand(submitUseCase)
  const [dismissed, setDismissed] = useState<readonly string[]>([])
  const [reply, setReply] = useState('')
  const visible = preview.data === undefined ? null : new Set(preview.data.visible)
  const progress = progressOf(questionnaire, visible, draft.values)
  const sections = sectionsOf(progress, draft)
  const { current, isAll, hrefOf, headingRef } = useSections(sections.map(({ key }) => key))
  const { at } = useSearchMembers()
  useAttention(at, current)

  const refusals = submit.state.k === 'refused' ? (submit.state.problem?.reasons ?? []) : []
  const faults = faultsIn(refusals)
  const place = (key: string) => {
    const section = questionnaire.questions.find((question) => question.key === key)?.section ?? 'owners'
    return hrefOf(section, key)
  }
  const send = async () => {
    const revision = await draft.saveNow()
    if (revision === null) return
    const body = {
      ...(dismissed.length === 0 ? {} : { notDuplicates: [...dismissed] }),
      ...(reply.trim() === '' ? {} : { text: reply }),
    }
    const done = await submit.send({ params: { id: record.id }, body, ifMatch: revision })
    if (done !== null) await navigate({ to: `/intake/${record.id}` })
  }
  const sectionBody = ({ key, questions }: Pick<Progress, 'key' | 'questions'>) => {
    if (key === 'owners')
      return <OwnersFields owners={draft.owners} onChange={draft.setOwner} faults={faults} />
    if (key === 'submit')
      return (
        <SubmitSection
          record={record}
          progress={progress}
          draft={draft}
          placeOf={place}
          explain={(reason) => explained(reason, questionnaire, place)}
          submit={submit}
          reply={reply}
          onReply={setReply}
          onSubmit={() => void send()}
        />
      )
    return (
      <div className="stack wide">
        {questions.map((question) => (
          <QuestionBlock
            key={question.key}
            question={question}
            record={record}
            draft={draft}
            lowerIf={preview.data?.lowerIf.find((item) => item.key === question.key) ?? null}
            refused={faults[question.key] ?? null}
          />
        ))}
      </div>
    )
  }
  const shown = isAll ? sections : sections.filter(({ key }) => key === current)
  return (
    <Screen
      title={t('intake.request')}
      answer={<Untrusted text={record.title === '' ? t('intake.unnamed') : record.title} />}
      actions={<SaveState draft={draft} questions={questionnaire.questions} placeOf={place} />}
    >
      <AskedNote record={record} questions={questionnaire.questions} placeOf={place} />
      <StaleNote draft={draft} questions={questionnaire.questions} />
      {draft.restored > 0 && draft.unsaved.length > 0 && !draft.isStale && (
        <Note tone="attention">{t('intake.restored', { count: draft.restored })}</Note>
      )}
      <div className="intake-form">
        <SectionList sections={sections} current={current} isAll={isAll} hrefOf={hrefOf} />
        <div className="stack wide">
          {shown.map((section) => (
            <section key={section.key} className="stack" aria-labelledby={`section-${section.key}`}>
              <h2
                id={`section-${section.key}`}
                tabIndex={-1}
                ref={section.key === current ? headingRef : undefined}
              >
                {section.title}
              </h2>
              {sectionBody(section)}
            </section>
          ))}
          {!isAll && <Steps sections={sections} current={current} hrefOf={hrefOf} />}
        </div>
        <aside className="stack" aria-label={t('intake.preview')}>
          <TierPreview
            preview={preview.data}
            error={preview.error}
            isOld={preview.isPlaceholderData}
            questions={questionnaire.questions}
            values={draft.values}
          />
          <Duplicates
            id={record.id}
            dismissed={dismissed}
            onDismiss={(other, isOther) =>
              setDismissed(isOther ? [...dismissed, other] : dismissed.filter((one) => one !== other))
            }
          />
        </aside>
      </div>
    </Screen>
  )
}

function Steps({
  sections,
  current,
  hrefOf,
}: {
  readonly sections: readonly SectionEntry[]
  readonly current: string
  readonly hrefOf: (section: string) => string
}) {
  const navigate = useNavigate()
  const at = sections.findIndex(({ key }) => key === current)
  const [before, after] = [sections[at - 1], sections[at + 1]]
  const go = (section: SectionEntry) => () => void navigate({ href: hrefOf(section.key) })
  return (
    <div className="row spread">
      {before === undefined ? (
        <span />
      ) : (
        <Button onClick={go(before)}>{t('intake.previous', { section: before.title })}</Button>
      )}
      {after !== undefined && (
        <Button kind="primary" onClick={go(after)}>
          {t('intake.next', { section: after.title })}
        </Button>
      )}
    </div>
  )
}

/** What the server makes of the answers, a moment after the last change. What nobody stands behind is left out. */
function usePreview(questionnaire: Questionnaire, record: UseCaseRecord, draft: Draft) {
  const counted = Object.entries(draft.values).filter(([key]) => {
    const answer = record.answers[key]
    const isSuggestion = answer?.source === 'suggested' && answer.confirmedBy === null
    return !isSuggestion || draft.unsaved.includes(key)
  })
  const text = JSON.stringify(whole(Object.fromEntries(counted), questionnaire.questions))
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 350)
    return () => clearTimeout(timer)
  }, [text])
  const answers = JSON.parse(settled) as Record<string, unknown> // our own text
  return useRead(assessAnswers, { body: { answers } }, { keepsLast: true })
}

/** Puts the focus into the question that a link has named. */
function useAttention(key: string | undefined, section: string): void {
  useEffect(() => {
    if (key === undefined) return
    const block = document.querySelector(`[data-question="${CSS.escape(key)}"]`)
    block?.scrollIntoView({ block: 'center' })
    block?.querySelector<HTMLElement>('input, select, textarea, button')?.focus({ preventScroll: true })
  }, [key, section])
}

function sectionsOf(progress: readonly Progress[], { owners }: Draft): readonly (SectionEntry & Progress)[] {
  const named = ownerRoles.slice(0, 2).filter((role) => owners[role] !== null).length
  const open = progress.reduce((sum, { required, answered }) => sum + required - answered, 2 - named)
  return [
    ...progress,
    { key: 'owners', title: t('intake.owners'), questions: [], required: 2, answered: named },
    { key: 'submit', title: t('intake.submitTitle'), questions: [], required: open, answered: 0 },
  ]
}

/** What a refusal says about single fields: questions by key, owners by role. */
function faultsIn(reasons: readonly Reason[]): Readonly<Record<string, string>> {
  const faults: { [key: string]: string } = {}
  for (const { code, params } of reasons) {
    const { key, role } = params
    const text = tCode('fieldReason', code)
    if (typeof key === 'string') faults[key] = text
    else if (typeof role === 'string') faults[role] = text
    else if (code === 'OWNERS_MUST_DIFFER') faults['technical'] = text
    else if (code === 'BACKUP_OWNER_REQUIRED') faults['backup'] = text
  }
  return faults
}

function explained(
  reason: Reason,
  { questions }: Questionnaire,
  placeOf: (key: string) => string,
): { readonly text?: string; readonly href?: string } {
  const { key, role, id } = reason.params
  const question = questions.find((one) => one.key === key)
  if (question !== undefined)
    return {
      text: t('intake.fieldFault', { label: question.label, fault: tCode('fault', reason.code) }),
      href: placeOf(question.key),
    }
  if (reason.code === 'DUPLICATE_UNDECIDED' && typeof id === 'string')
    return { text: t('reason.DUPLICATE_UNDECIDED'), href: `/intake/${id}` }
  if (typeof role === 'string') return { href: placeOf(role) }
  if (reason.code === 'OWNERS_MUST_DIFFER') return { href: placeOf('technical') }
  if (reason.code === 'BACKUP_OWNER_REQUIRED') return { href: placeOf('backup') }
  return {}
}
