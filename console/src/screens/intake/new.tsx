import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { readQuestionnaire, startUseCase } from '../../../../src/contracts/routes/intake.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Screen } from '../../ui/screen.tsx'
import { UnitField } from '../../ui/unit.tsx'
import { FiveFacts } from './five-facts.tsx'
import { dropDraft, keepDraft, keptDraft } from './kept-draft.ts'
import { QuestionField } from './question-field.tsx'
import { questionnaireKey, type Questionnaire, type Values } from './questions.ts'
import { whole } from './use-draft.ts'

const first = ['title', 'problem', 'domain'] as const
const place = 'new'

/** Opens a request with the few words that others find it by; the rest follows in the form. */
export function NewRequest() {
  const me = useMe()
  const questionnaire = useRead(readQuestionnaire, { params: { key: questionnaireKey } })
  return (
    <Screen title={t('intake.newTitle')} answer={t('intake.newText')}>
      <Loaded read={questionnaire} rows={8}>
        {(data) =>
          me.data === undefined ? null : !me.data.permissions.includes('useCase.start') ? (
            <Note>{t('intake.startOthers')}</Note>
          ) : (
            <Start questionnaire={data} person={me.data.person} unit={me.data.unit} />
          )
        }
      </Loaded>
    </Screen>
  )
}

function Start({
  questionnaire,
  person,
  unit: home,
}: {
  readonly questionnaire: Questionnaire
  readonly person: string
  readonly unit: string | null
}) {
  const navigate = useNavigate()
  const [values, setValues] = useState<Values>(() => keptDraft(person, place)?.values ?? {})
  const [unit, setUnit] = useState(home ?? '')
  const start = useCommand(startUseCase)
  useEffect(() => keepDraft(person, place, { revision: 0, values, owners: {} }), [person, values])
  const questions = questionnaire.questions.filter(({ key }) => first.some((name) => name === key))
  const answers = whole(values, questions)
  const send = async () => {
    const body = { answers, owners: {}, ...(unit === '' ? {} : { unit }) }
    const done = await start.send({ body })
    if (done === null) return
    dropDraft(person, place)
    await navigate({ to: `/intake/${done.id}/edit` })
  }
  return (
    <div className="columns">
      <form
        className="stack wide"
        onSubmit={(event) => {
          event.preventDefault()
          if (Object.hasOwn(answers, 'title')) void send()
        }}
      >
        {questions.map((question) => (
          <QuestionField
            key={question.key}
            question={question}
            value={values[question.key]}
            onChange={(value) => setValues((now) => ({ ...now, [question.key]: value }))}
          />
        ))}
        <UnitField label={t('intake.unit')} help={t('intake.unitHelp')} value={unit} onChange={setUnit} />
        <div className="row">
          <Button
            type="submit"
            kind="primary"
            whyNot={Object.hasOwn(answers, 'title') ? null : t('intake.nameFirst')}
          >
            {t('intake.start')}
          </Button>
        </div>
        <Outcome state={start.state} onRetry={() => void send()} />
      </form>
      <FiveFacts />
    </div>
  )
}
