import { useState } from 'react'
import {
  changeWebhook,
  disableWebhook,
  moveWebhook,
  registerWebhook,
  rotateWebhookSecret,
} from '../../../../src/contracts/routes/webhooks.ts'
import { noticeKinds, type NoticeKind } from '../../../../src/kernel/notice-kinds.ts'
import { useCommand } from '../../api/command.ts'
import { t, tCode } from '../../messages/outgoing.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { CheckField, TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { Webhook } from './webhooks.tsx'

const usualKinds: readonly NoticeKind[] = ['stop', 'override', 'breach']

/** Registers an endpoint, and shows its secret this one time. */
export function RegisterDialog({ onClose }: { readonly onClose: () => void }) {
  const [url, setUrl] = useState('https://')
  const [networks, setNetworks] = useState('')
  const [kinds, setKinds] = useState(usualKinds)
  const { state, send } = useCommand(registerWebhook)
  if (state.k === 'recorded')
    return <Secret title={t('webhook.registeredTitle')} secret={state.reply.secret} onClose={onClose} />
  return (
    <ActDialog
      title={t('webhook.register')}
      verb={t('webhook.register')}
      whyNot={url.trim() === 'https://' || kinds.length === 0 ? t('webhook.incomplete') : null}
      state={state}
      onSend={() =>
        void send({ body: { url: url.trim(), kinds: [...kinds], privateCidrs: rangesIn(networks) } })
      }
      onClose={onClose}
    >
      <p>{t('webhook.registerText')}</p>
      <TextField label={t('webhook.url')} help={t('webhook.urlHelp')} value={url} onChange={setUrl} isMono />
      <KindsField kinds={kinds} onChange={setKinds} />
      <NetworksField value={networks} onChange={setNetworks} />
    </ActDialog>
  )
}

function KindsField({
  kinds,
  onChange,
}: {
  readonly kinds: readonly NoticeKind[]
  readonly onChange: (kinds: readonly NoticeKind[]) => void
}) {
  return (
    <fieldset className="field">
      <legend>{t('webhook.kinds')}</legend>
      <div className="row">
        {noticeKinds.map((kind) => (
          <CheckField
            key={kind}
            label={tCode('noticeKind', kind)}
            checked={kinds.includes(kind)}
            onChange={(isOn) => onChange(isOn ? [...kinds, kind] : kinds.filter((one) => one !== kind))}
          />
        ))}
      </div>
    </fieldset>
  )
}

function NetworksField(props: { readonly value: string; readonly onChange: (value: string) => void }) {
  return (
    <TextField label={t('webhook.networks')} help={t('webhook.networksHelp')} {...props} isMono isOptional />
  )
}

function rangesIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((range) => range !== '')
}

type ForOne = { readonly webhook: Webhook; readonly onClose: () => void }

/** What it is told of, and what people call it. */
export function ChangeDialog({ webhook, onClose }: ForOne) {
  const { id, url, revision } = webhook
  const [kinds, setKinds] = useState<readonly NoticeKind[]>(webhook.kinds)
  const [description, setDescription] = useState(webhook.description ?? '')
  const { state, send } = useCommand(changeWebhook, () => {
    toast(t('webhook.changed'))
    onClose()
  })
  const isSame =
    description.trim() === (webhook.description ?? '') &&
    kinds.length === webhook.kinds.length &&
    kinds.every((kind) => webhook.kinds.includes(kind))
  const whyNot = kinds.length === 0 ? t('webhook.noKind') : isSame ? t('webhook.nothingChanged') : null
  const body = { kinds: [...kinds], description: description.trim() }
  return (
    <ActDialog
      title={t('webhook.change')}
      verb={t('webhook.change')}
      whyNot={whyNot}
      state={state}
      onSend={() => void send({ params: { id }, body, ifMatch: revision })}
      onClose={onClose}
    >
      <Address url={url} />
      <p>{t('webhook.changeText')}</p>
      <TextField
        label={t('webhook.description')}
        help={t('webhook.descriptionHelp')}
        value={description}
        onChange={setDescription}
        isOptional
      />
      <KindsField kinds={kinds} onChange={setKinds} />
    </ActDialog>
  )
}

/** Another address, and the secret that only whoever runs it may know. */
export function MoveDialog({ webhook, onClose }: ForOne) {
  const { id, revision } = webhook
  const [url, setUrl] = useState(webhook.url)
  const [networks, setNetworks] = useState(webhook.privateCidrs.join(' '))
  const { state, send } = useCommand(moveWebhook)
  if (state.k === 'recorded')
    return <Secret title={t('webhook.movedTitle')} secret={state.reply.secret} onClose={onClose} />
  const body = { url: url.trim(), privateCidrs: rangesIn(networks) }
  return (
    <ActDialog
      title={t('webhook.move')}
      verb={t('webhook.move')}
      whyNot={body.url === webhook.url ? t('webhook.sameAddress') : null}
      state={state}
      onSend={() => void send({ params: { id }, body, ifMatch: revision })}
      onClose={onClose}
    >
      <p>{t('webhook.moveText')}</p>
      <TextField label={t('webhook.url')} help={t('webhook.urlHelp')} value={url} onChange={setUrl} isMono />
      <NetworksField value={networks} onChange={setNetworks} />
    </ActDialog>
  )
}

function Address({ url }: { readonly url: string }) {
  return (
    <p>
      <code>
        <Untrusted text={url} />
      </code>
    </p>
  )
}

/** Another secret; the one of now signs too for a while. */
export function RotateDialog({ webhook, onClose }: ForOne) {
  const [hours, setHours] = useState('24')
  const { state, send } = useCommand(rotateWebhookSecret)
  if (state.k === 'recorded')
    return <Secret title={t('webhook.rotatedTitle')} secret={state.reply.secret} onClose={onClose} />
  const overlapHours = Number(hours)
  const isInRange = hours !== '' && Number.isInteger(overlapHours) && overlapHours >= 0 && overlapHours <= 168
  const { id, url, revision } = webhook
  return (
    <ActDialog
      title={t('webhook.rotateTitle')}
      verb={t('webhook.rotate')}
      whyNot={isInRange ? null : t('webhook.overlapHelp')}
      state={state}
      onSend={() => void send({ params: { id }, body: { overlapHours }, ifMatch: revision })}
      onClose={onClose}
    >
      <Address url={url} />
      <p>{t('webhook.rotateText')}</p>
      <TextField
        label={t('webhook.overlap')}
        help={t('webhook.overlapHelp')}
        type="number"
        value={hours}
        onChange={setHours}
      />
    </ActDialog>
  )
}

export function DisableDialog({ webhook, onClose }: ForOne) {
  const { state, send } = useCommand(disableWebhook, () => {
    toast(t('webhook.disabled'))
    onClose()
  })
  return (
    <ActDialog
      title={t('webhook.disable')}
      verb={t('webhook.disable')}
      kind="danger"
      state={state}
      onSend={() => void send({ params: { id: webhook.id } })}
      onClose={onClose}
    >
      <Address url={webhook.url} />
      <p>{t('webhook.disableText')}</p>
    </ActDialog>
  )
}

function Secret({
  title,
  secret,
  onClose,
}: {
  readonly title: string
  readonly secret: string
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      footer={
        <Button kind="primary" onClick={onClose}>
          {t('webhook.stored')}
        </Button>
      }
    >
      <Note tone="attention" live="polite">
        {t('webhook.once')}
      </Note>
      <ShownOnce text={secret} label={t('webhook.secret')} />
    </Dialog>
  )
}
