import { useState } from 'react'
import { explainGuardFinding } from '../../../../src/contracts/routes/guard-feedback.ts'
import { useCommand } from '../../api/command.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Features } from './features.tsx'

/** On what the score of the finding that was marked last rests: opened for a reason, as far as its text is kept. */
export function ExplainDialog({
  of: { rule, lastRecord, lastFinding },
  onClose,
}: {
  readonly of: { readonly rule: string; readonly lastRecord: string; readonly lastFinding: number }
  readonly onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const { state, send } = useCommand(explainGuardFinding)
  const open = () =>
    void send({ params: { record: lastRecord, finding: String(lastFinding) }, body: { reason } })
  const opened = state.k === 'recorded' ? state.reply : null
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('explain.title')}
      footer={
        <>
          <Button onClick={onClose}>{t(opened === null ? 'common.cancel' : 'common.close')}</Button>
          {opened === null && (
            <Button kind="primary" onClick={open}>
              {t('feedback.explain')}
            </Button>
          )}
        </>
      }
    >
      <p>
        <code>{rule}</code>
      </p>
      {opened === null ? (
        <>
          <p>{t('explain.text')}</p>
          <TextField
            label={t('explain.reason')}
            help={t('explain.reasonHelp')}
            value={reason}
            onChange={setReason}
            rows={3}
          />
          <Outcome state={state} onRetry={open} />
        </>
      ) : (
        <div role="status">
          {opened.why === null ? (
            <Features features={opened.features} />
          ) : (
            <p>{tCode('explain.none', opened.why)}</p>
          )}
        </div>
      )}
    </Dialog>
  )
}
