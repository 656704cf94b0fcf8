import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { createToolPolicy } from '../../../../src/contracts/routes/tool-policies.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/tools.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Screen } from '../../ui/screen.tsx'
import { toast } from '../../ui/toast.tsx'
import { PolicyBench } from './policy-bench.tsx'
import { PolicyEditor, type Draft } from './policy-editor.tsx'

/** The least that lets agents use what they were granted, to write on from. */
const start: Draft = {
  text: `@id("declared-tools")
permit (
  principal is Agent,
  action in [Action::"callTool", Action::"listTool"],
  resource is Tool
)
when { resource in principal.deployment };
`,
  args: '{}',
}

/** The first draft of a policy of one's own. */
export function NewToolPolicy() {
  const [draft, setDraft] = useState(start)
  const [key, setKey] = useState('')
  const [isSaved, setSaved] = useState(false)
  const { state, send } = useCommand(createToolPolicy)
  const navigate = useNavigate()
  const save = async () => {
    if ((await send({ body: { key, ...draft } })) === null) return
    setSaved(true)
    toast(t('policy.saved'))
    // The guard must have heard that nothing is unsaved before this screen is left.
    setTimeout(() => void navigate({ to: `/gateway/policies/${key}/1` }))
  }
  const isDirty = !isSaved && (draft.text !== start.text || draft.args !== start.args || key !== '')
  return (
    <Screen title={t('policy.new')} answer={t('policy.answer')}>
      <Panel title={t('policy.text')}>
        <div className="stack">
          <TextField
            label={t('policy.newKey')}
            help={t('policy.newKeyHelp')}
            value={key}
            onChange={setKey}
            isMono
          />
          <PolicyEditor draft={draft} isDirty={isDirty} onChange={setDraft}>
            <Button
              kind="primary"
              whyNot={key === '' ? t('policy.newKeyHelp') : null}
              onClick={() => void save()}
            >
              {t('policy.save')}
            </Button>
          </PolicyEditor>
          <Outcome state={state} />
        </div>
      </Panel>
      <PolicyBench candidate={draft} />
    </Screen>
  )
}
