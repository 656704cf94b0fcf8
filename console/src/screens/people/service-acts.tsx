import { useState } from 'react'
import {
  disableServiceAccount,
  issueServiceKey,
  revokeServiceKey,
} from '../../../../src/contracts/routes/service-accounts.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/people.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

const usualDays = '90'

/** Issues a key and shows its token this one time. */
export function IssueDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const [days, setDays] = useState(usualDays)
  const [done, setDone] = useState<ReplyOf<typeof issueServiceKey> | null>(null)
  const issue = useCommand(issueServiceKey, setDone)
  const lifetimeDays = Number(days)
  const isInRange = Number.isInteger(lifetimeDays) && lifetimeDays >= 1 && lifetimeDays <= 365
  if (done !== null)
    return (
      <Dialog
        open
        onClose={onClose}
        title={t('service.issuedTitle')}
        footer={
          <Button kind="primary" onClick={onClose}>
            {t('common.close')}
          </Button>
        }
      >
        <p>{t('service.keyTokenText')}</p>
        <ShownOnce text={done.token} label={t('service.keyToken')} />
        <p>
          {t('service.keyEnds')}: <Time at={done.expiresAt} both />
        </p>
      </Dialog>
    )
  return (
    <ActDialog
      title={t('service.issue')}
      verb={t('service.issue')}
      whyNot={isInRange ? null : t('service.lifetimeHelp')}
      state={issue.state}
      onSend={() => void issue.send({ params: { id }, body: { lifetimeDays } })}
      onClose={onClose}
    >
      <p>{t('service.issueText')}</p>
      <TextField
        label={t('service.lifetime')}
        help={t('service.lifetimeHelp')}
        type="number"
        value={days}
        onChange={setDays}
      />
    </ActDialog>
  )
}

export function DisableDialog({
  id,
  name,
  onClose,
}: {
  readonly id: string
  readonly name: string
  readonly onClose: () => void
}) {
  const disable = useCommand(disableServiceAccount, onClose)
  return (
    <ActDialog
      title={t('service.disable')}
      verb={t('service.disable')}
      kind="danger"
      state={disable.state}
      onSend={() => void disable.send({ params: { id } })}
      onClose={onClose}
    >
      <p>
        <Untrusted text={name} />
      </p>
      <p>{t('service.disableText')}</p>
    </ActDialog>
  )
}

export function RevokeDialog({
  id,
  keyId,
  onClose,
}: {
  readonly id: string
  readonly keyId: string
  readonly onClose: () => void
}) {
  const revoke = useCommand(revokeServiceKey, onClose)
  return (
    <ActDialog
      title={t('service.revoke')}
      verb={t('service.revoke')}
      kind="danger"
      state={revoke.state}
      onSend={() => void revoke.send({ params: { id, key: keyId } })}
      onClose={onClose}
    >
      <p>
        <Id id={keyId} whole />
      </p>
      <p>{t('service.revokeText')}</p>
    </ActDialog>
  )
}
