import { useState } from 'react'
import { openGatewayContent } from '../../../../src/contracts/routes/gateway.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { useMe } from '../../api/session.ts'
import { t } from '../../messages/gateway.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { marksIn } from './content-marks.ts'
import type { RuntimeRecord } from './runtime-record.ts'

type Kept = NonNullable<ReplyOf<typeof openGatewayContent>['content']>

/** The text of a call where its route keeps it: opened for a reason, and shown with what was found in its place. */
export function Content({ record }: { readonly record: RuntimeRecord }) {
  const [isAsking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const open = useCommand(openGatewayContent, () => setAsking(false))
  const mayOpen = useMe().data?.permissions.includes('content.read') === true
  const send = () => void open.send({ params: { id: record.id }, body: { reason } })
  const opened = open.state.k === 'recorded' ? open.state.reply.content : undefined
  return (
    <Panel
      title={t('content.title')}
      actions={
        <Button onClick={() => setAsking(true)} whyNot={mayOpen ? null : t('content.whyNot')}>
          {t('content.open')}
        </Button>
      }
    >
      <div className="stack">
        <p className="muted">{t('content.text')}</p>
        {opened !== undefined && (
          <Note tone={opened === null ? 'neutral' : 'attention'} live="polite">
            {t(opened === null ? 'content.gone' : 'content.opened')}
          </Note>
        )}
        {opened !== undefined && opened !== null && (
          <>
            <Side name="input" part={opened.input} record={record} />
            <Side name="output" part={opened.output} record={record} />
          </>
        )}
      </div>
      <Dialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title={t('content.dialog')}
        footer={
          <>
            <Button onClick={() => setAsking(false)}>{t('common.cancel')}</Button>
            <Button kind="primary" onClick={send}>
              {t('content.open')}
            </Button>
          </>
        }
      >
        <TextField
          label={t('content.reason')}
          help={t('content.reasonHelp')}
          value={reason}
          onChange={setReason}
          rows={3}
        />
        <Outcome state={open.state} onRetry={send} />
      </Dialog>
    </Panel>
  )
}

function Side({
  name,
  part,
  record,
}: {
  readonly name: 'input' | 'output'
  readonly part: Kept['input']
  readonly record: RuntimeRecord
}) {
  const found = record.findings.filter(({ side, effect }) => side === name && effect !== 'blocked')
  const isListed = record.findings.length === record.findingCount
  const marks = part === null || found.length === 0 ? [] : isListed ? marksIn(part.text, found) : null
  return (
    <section className="stack">
      <h3>{t(name === 'input' ? 'content.input' : 'content.output')}</h3>
      {part === null ? (
        <p className="muted">{t('content.notKept')}</p>
      ) : (
        <>
          {marks === null && <p className="muted">{t('content.noMarks')}</p>}
          {marks?.map(({ path, pieces }) => (
            <p key={path}>
              <code className="muted">
                <Untrusted text={path} />
              </code>{' '}
              {pieces.map(({ text, isMarked }, n) =>
                isMarked ? (
                  // oxlint-disable-next-line react/no-array-index-key -- pieces of one text have no identity but their place
                  <mark key={n}>
                    <Untrusted text={text} />
                  </mark>
                ) : (
                  // oxlint-disable-next-line react/no-array-index-key -- as above
                  <Untrusted key={n} text={text} />
                ),
              )}
            </p>
          ))}
          <Untrusted text={part.text} block />
          {part.omittedBytes > 0 && (
            <p className="muted">{t('content.omitted', { bytes: part.omittedBytes })}</p>
          )}
        </>
      )}
    </section>
  )
}
