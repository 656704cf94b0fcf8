import { useState } from 'react'
import { listWebhooks, testWebhook } from '../../../../src/contracts/routes/webhooks.ts'
import { useCommand } from '../../api/command.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/outgoing.ts'
import { Button } from '../../ui/button.tsx'
import { Go } from '../../ui/go.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { Menu } from '../../ui/menu.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Actor } from '../../ui/person.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { OutgoingScreen } from './outgoing-screen.tsx'
import { ChangeDialog, DisableDialog, MoveDialog, RegisterDialog, RotateDialog } from './webhook-dialogs.tsx'

export type Webhook = ItemOf<typeof listWebhooks>
type Open =
  | { readonly k: 'register' }
  | { readonly k: 'change' | 'move' | 'rotate' | 'disable'; readonly webhook: Webhook }
  | null

/** Which programs are told of facts, and how they are doing. */
export function Webhooks() {
  const [open, setOpen] = useState<Open>(null)
  const active = useRead(listWebhooks, { query: { state: 'active', limit: 100 } }).data?.items
  const test = useCommand(testWebhook, () => toast(t('webhook.tested')))
  const mayRegister = useMe().data?.permissions.includes('settings.manage') === true
  const close = () => setOpen(null)
  return (
    <OutgoingScreen
      tab="webhooks"
      answer={
        active === undefined
          ? undefined
          : t('webhook.answer', {
              active: active.length,
              dead: active.reduce((sum, { dead }) => sum + dead, 0),
            })
      }
      actions={
        mayRegister && <Button onClick={() => setOpen({ k: 'register' })}>{t('webhook.register')}</Button>
      }
    >
      <Outcome state={test.state} />
      <RecordList
        id="webhooks"
        route={listWebhooks}
        columns={columnsFor(setOpen, ({ id }) => void test.send({ params: { id } }))}
        filters={[
          {
            name: 'state',
            label: t('webhook.state'),
            options: (['active', 'disabled'] as const).map((state) => ({
              value: state,
              label: tCode('state', state),
            })),
          },
        ]}
        keyOf={({ id }) => id}
        empty={t('webhook.none')}
        everyMs={10_000}
      />
      {open?.k === 'register' && <RegisterDialog onClose={close} />}
      {open?.k === 'change' && <ChangeDialog webhook={open.webhook} onClose={close} />}
      {open?.k === 'move' && <MoveDialog webhook={open.webhook} onClose={close} />}
      {open?.k === 'rotate' && <RotateDialog webhook={open.webhook} onClose={close} />}
      {open?.k === 'disable' && <DisableDialog webhook={open.webhook} onClose={close} />}
    </OutgoingScreen>
  )
}

function columnsFor(
  open: (what: Open) => void,
  test: (webhook: Webhook) => void,
): readonly Column<Webhook>[] {
  const wordsOf = ({ kinds }: Webhook) => kinds.map((kind) => tCode('noticeKind', kind)).join(', ')
  return [
    {
      id: 'url',
      header: t('webhook.url'),
      cell: ({ url, description }) => (
        <>
          {description !== null && (
            <>
              <Untrusted text={description} />{' '}
            </>
          )}
          <code className={description === null ? undefined : 'muted'}>
            <Untrusted text={url} />
          </code>
        </>
      ),
      text: ({ url, description }) => (description === null ? url : `${description} ${url}`),
    },
    {
      id: 'state',
      leaves: 'last',
      header: t('webhook.state'),
      cell: ({ state, disabledCause }) =>
        disabledCause === 'gone' ? (
          <Status state={state} word={t('webhook.gone')} />
        ) : (
          <Status state={state} />
        ),
      text: ({ state, disabledCause }) => disabledCause ?? state,
    },
    { id: 'kinds', header: t('webhook.kinds'), cell: wordsOf, text: wordsOf },
    {
      id: 'delivered',
      header: t('webhook.delivered'),
      cell: ({ deliveredAt }) =>
        deliveredAt === null ? (
          <span className="muted">{t('webhook.never')}</span>
        ) : (
          <Time at={deliveredAt} />
        ),
      text: ({ deliveredAt }) => deliveredAt ?? '',
    },
    {
      id: 'waiting',
      header: t('webhook.waiting'),
      align: 'end',
      cell: (webhook) => <Behind webhook={webhook} state="waiting" />,
      text: ({ waiting }) => String(waiting),
    },
    {
      id: 'dead',
      header: t('webhook.dead'),
      align: 'end',
      cell: (webhook) => <Behind webhook={webhook} state="dead" />,
      text: ({ dead }) => String(dead),
    },
    {
      id: 'secrets',
      header: t('webhook.secrets'),
      align: 'end',
      cell: ({ liveSecrets }) => liveSecrets,
      text: ({ liveSecrets }) => String(liveSecrets),
    },
    {
      id: 'networks',
      header: t('webhook.networks'),
      isHidden: true,
      cell: ({ privateCidrs }) =>
        privateCidrs.length === 0 ? (
          <span className="muted">{t('common.none')}</span>
        ) : (
          <code>{privateCidrs.join(', ')}</code>
        ),
      text: ({ privateCidrs }) => privateCidrs.join(' '),
    },
    {
      id: 'created',
      header: t('webhook.created'),
      isHidden: true,
      cell: ({ createdAt, createdBy }) => (
        <>
          <Time at={createdAt} />, <Actor id={createdBy} />
        </>
      ),
      text: ({ createdAt }) => createdAt,
    },
    {
      id: 'actions',
      leaves: 'never',
      header: t('common.actions'),
      cell: (webhook) =>
        webhook.state === 'disabled' ? (
          ''
        ) : (
          <Menu
            kind="quiet"
            label={t('common.actions')}
            entries={[
              { label: t('webhook.test'), onSelect: () => test(webhook) },
              { label: t('webhook.change'), onSelect: () => open({ k: 'change', webhook }) },
              { label: t('webhook.move'), onSelect: () => open({ k: 'move', webhook }) },
              { label: t('webhook.rotate'), onSelect: () => open({ k: 'rotate', webhook }) },
              { label: t('webhook.disable'), onSelect: () => open({ k: 'disable', webhook }) },
            ]}
          />
        ),
      text: () => '',
    },
  ]
}

/** A number that opens the deliveries behind it. */
function Behind({ webhook, state }: { readonly webhook: Webhook; readonly state: 'waiting' | 'dead' }) {
  const count = webhook[state]
  if (count === 0) return 0
  return <Go to={`/settings/deliveries?webhookId=${webhook.id}&state=${state}`}>{count}</Go>
}
