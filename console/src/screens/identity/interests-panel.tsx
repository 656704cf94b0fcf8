import { useState } from 'react'
import { declareInterest, readCharters } from '../../../../src/contracts/routes/charters.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t } from '../../messages/identity.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

/** Interests that bar my ballot. */
export function InterestsPanel() {
  const me = useMe().data
  const charters = useRead(readCharters, { query: {} })
  const [withdrawn, setWithdrawn] = useState<string | null>(null)
  const [isDeclaring, setDeclaring] = useState(false)
  return (
    <Panel
      title={t('account.interests')}
      actions={<Button onClick={() => setDeclaring(true)}>{t('account.interestDeclare')}</Button>}
    >
      <Loaded read={charters} rows={2}>
        {({ interests }) => {
          const own = interests.filter(({ person }) => person === me?.person)
          return (
            <div className="stack">
              <p className="muted">{t('account.interestText')}</p>
              {own.length === 0 ? (
                <p>{t('account.interestNone')}</p>
              ) : (
                <ul>
                  {own.map(({ subject }) => (
                    <li key={subject} className="row spread">
                      <Untrusted text={subject} />
                      <Button
                        kind="quiet"
                        label={t('account.interestWithdrawOne', { subject })}
                        onClick={() => setWithdrawn(subject)}
                      >
                        {t('account.interestWithdraw')}
                      </Button>
                    </li>
                  ))}
                </ul>
              )}
            </div>
          )
        }}
      </Loaded>
      {withdrawn !== null && <Withdraw subject={withdrawn} onClose={() => setWithdrawn(null)} />}
      {isDeclaring && <Declare onClose={() => setDeclaring(false)} />}
    </Panel>
  )
}

function Withdraw({ subject, onClose }: { readonly subject: string; readonly onClose: () => void }) {
  const withdraw = useCommand(declareInterest, onClose)
  return (
    <ActDialog
      title={t('account.interestWithdrawTitle')}
      verb={t('account.interestWithdrawTitle')}
      state={withdraw.state}
      onSend={() => void withdraw.send({ body: { subject, withdraw: true } })}
      onClose={onClose}
    >
      <p>
        <Untrusted text={subject} />
      </p>
      <p>{t('account.interestWithdrawText')}</p>
    </ActDialog>
  )
}

function Declare({ onClose }: { readonly onClose: () => void }) {
  const [subject, setSubject] = useState('')
  const declare = useCommand(declareInterest, onClose)
  return (
    <ActDialog
      title={t('account.interestDeclare')}
      verb={t('account.interestDeclare')}
      whyNot={subject.trim() === '' ? t('field.missing') : null}
      state={declare.state}
      onSend={() => void declare.send({ body: { subject: subject.trim() } })}
      onClose={onClose}
    >
      <p>{t('account.interestText')}</p>
      <TextField
        label={t('account.interestSubject')}
        help={t('account.interestSubjectHelp')}
        value={subject}
        onChange={setSubject}
      />
    </ActDialog>
  )
}
