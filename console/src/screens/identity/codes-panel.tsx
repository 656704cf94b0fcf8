import { useState } from 'react'
import {
  beginTotp,
  finishTotp,
  listCredentials,
  renewRecoveryCodes,
} from '../../../../src/contracts/routes/identity.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/identity.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { absolute, useAppearance } from '../../ui/clock.ts'
import { toast } from '../../ui/toast.tsx'
import { PasswordDialog } from './password-dialog.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { TotpSecret } from './totp-secret.tsx'

type Begun = ReplyOf<typeof beginTotp>

/** My one-time codes, recovery codes and password. */
export function CodesPanel() {
  const credentials = useRead(listCredentials, {})
  const { zone } = useAppearance()
  const [isRenewing, setRenewing] = useState(false)
  const [changing, setChanging] = useState<{ readonly hasOne: boolean } | null>(null)
  const [begun, setBegun] = useState<Begun | null>(null)
  const begin = useCommand(beginTotp, setBegun)
  const timeOf = (at: string) => absolute(new Date(at), zone)
  return (
    <Panel title={t('account.codes')}>
      <Loaded read={credentials} rows={3}>
        {({ items, recoveryCodesLeft }) => {
          const totp = items.find(({ kind }) => kind === 'totp')
          const password = items.find(({ kind }) => kind === 'password')
          return (
            <div className="stack">
              <Facts
                rows={[
                  [
                    t('totp.code'),
                    totp === undefined
                      ? t('account.noTotp')
                      : t('account.totpSet', { time: timeOf(totp.createdAt) }),
                  ],
                  [t('recovery.title'), t('account.codesLeft', { count: recoveryCodesLeft })],
                  [
                    t('account.password'),
                    password === undefined
                      ? t('common.none')
                      : t('account.passwordSet', { time: timeOf(password.createdAt) }),
                  ],
                ]}
              />
              <div className="row">
                <Button onClick={() => void begin.send({})}>
                  {t(totp === undefined ? 'totp.set' : 'totp.replace')}
                </Button>
                <Button onClick={() => setRenewing(true)}>{t('recovery.renew')}</Button>
                <Button onClick={() => setChanging({ hasOne: password !== undefined })}>
                  {t(password === undefined ? 'account.passwordSetVerb' : 'account.passwordChange')}
                </Button>
              </div>
              <Outcome state={begin.state} />
            </div>
          )
        }}
      </Loaded>
      {begun !== null && <ReplaceTotp begun={begun} onClose={() => setBegun(null)} />}
      {isRenewing && <RenewCodes onClose={() => setRenewing(false)} />}
      {changing !== null && <PasswordDialog {...changing} onClose={() => setChanging(null)} />}
    </Panel>
  )
}

function ReplaceTotp({ begun, onClose }: { readonly begun: Begun; readonly onClose: () => void }) {
  const [code, setCode] = useState('')
  const finish = useCommand(finishTotp, () => {
    toast(t('account.ended'))
    onClose()
  })
  return (
    <ActDialog
      title={t('totp.replace')}
      verb={t('totp.replace')}
      whyNot={code.trim().length < 6 ? t('totp.incomplete') : null}
      state={finish.state}
      onSend={() => void finish.send({ body: { ceremony: begun.ceremony, code: code.trim() } })}
      onClose={onClose}
    >
      <p>{t('totp.replaceText')}</p>
      <TotpSecret secret={begun.secret} uri={begun.uri} />
      <TextField label={t('totp.code')} autoComplete="one-time-code" value={code} onChange={setCode} isMono />
    </ActDialog>
  )
}

function RenewCodes({ onClose }: { readonly onClose: () => void }) {
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [isKept, setKept] = useState(false)
  const renew = useCommand(renewRecoveryCodes, ({ recoveryCodes }) => setCodes(recoveryCodes))
  if (codes === null)
    return (
      <ActDialog
        title={t('recovery.renew')}
        verb={t('recovery.renew')}
        state={renew.state}
        onSend={() => void renew.send({})}
        onClose={onClose}
      >
        <p>{t('recovery.renewText')}</p>
      </ActDialog>
    )
  return (
    <Dialog
      open
      onClose={() => isKept && onClose()}
      title={t('recovery.title')}
      footer={
        <Button kind="primary" onClick={onClose} whyNot={isKept ? null : t('recovery.keepFirst')}>
          {t('common.close')}
        </Button>
      }
    >
      <RecoveryCodes codes={codes} isKept={isKept} onKept={setKept} />
    </Dialog>
  )
}
