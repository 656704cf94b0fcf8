import { useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import {
  proposeCharter,
  readCharters,
  readCharterTemplate,
  simulateCharter,
} from '../../../../../src/contracts/routes/charters.ts'
import { useRead } from '../../../api/reading.ts'
import { t } from '../../../messages/committee.ts'
import { CommandForm } from '../../../ui/command-form.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { Note } from '../../../ui/note.tsx'
import { Screen } from '../../../ui/screen.tsx'
import { bodyOf, firstDraft, type Draft } from './draft.ts'
import { RuleEditor } from './rule-editor.tsx'
import { inForceOf } from './rule-words.ts'
import { SeatEditor } from './seat-editor.tsx'
import { SimulationPanel } from './simulation.tsx'
import { SizePanel } from './size-panel.tsx'

/** Drafts the next charter: seats, rules with their meaning, and what it would have made of past cases. */
export function CharterEditor() {
  const charters = useRead(readCharters, {})
  const template = useRead(readCharterTemplate, {})
  return (
    <Screen title={t('charter.editTitle')} answer={t('charter.editAnswer')}>
      <Loaded read={charters} rows={10}>
        {(known) => (
          <Loaded read={template} rows={10}>
            {({ rules }) => <Editor start={firstDraft(inForceOf(known)?.charter ?? null, rules)} />}
          </Loaded>
        )}
      </Loaded>
    </Screen>
  )
}

function Editor({ start }: { readonly start: Draft }) {
  const navigate = useNavigate()
  const [draft, setDraft] = useState(start)
  const [isProposing, setProposing] = useState(false)
  const body = useDeferredValue(bodyOf(draft))
  const isWhole = draft.seats.every(({ isSeated, holder }) => !isSeated || holder !== null)
  const simulation = useRead(simulateCharter, { body }, { enabled: isWhole && body.seats.length > 0 })
  const faults = simulation.data?.faults ?? []
  const changed = JSON.stringify(body) !== JSON.stringify(bodyOf(start))
  const whyNot = !isWhole
    ? t('charter.holderMissing')
    : faults.length > 0
      ? t('charter.hasFaults', { count: faults.length })
      : changed
        ? null
        : t('charter.nothingChanged')
  return (
    <div className="stack wide">
      <SizePanel draft={draft} onChange={setDraft} />
      <SeatEditor draft={draft} onChange={setDraft} faults={faults} />
      <RuleEditor draft={draft} onChange={setDraft} faults={faults} />
      <SimulationPanel read={simulation} isWhole={isWhole} />
      <div className="row end">
        {whyNot !== null && <span className="muted">{whyNot}</span>}
        <Button kind="primary" onClick={() => setProposing(true)} whyNot={whyNot}>
          {t('charter.propose')}
        </Button>
      </div>
      <Dialog open={isProposing} onClose={() => setProposing(false)} title={t('charter.propose')}>
        <CommandForm
          route={proposeCharter}
          verb={t('charter.propose')}
          onClose={() => setProposing(false)}
          input={() => ({ body: bodyOf(draft) })}
          onDone={() => void navigate({ to: '/charter' })}
        >
          <p>{t('charter.proposeText')}</p>
          {(simulation.data?.differing.length ?? 0) > 0 && (
            <Note tone="attention">
              {t('simulation.differs', {
                differing: simulation.data?.differing.length ?? 0,
                compared: simulation.data?.compared ?? 0,
              })}
            </Note>
          )}
        </CommandForm>
      </Dialog>
    </div>
  )
}
