import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import {
  countNotices,
  listNotices,
  markNotices,
  readPreferences,
  setPreferences,
} from '../../../../src/contracts/routes/collaboration.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import {
  mailModes,
  noticeKinds,
  optionalNoticeKinds,
  type MailMode,
  type NoticeKind,
  type OptionalNoticeKind,
} from '../../../../src/kernel/notice-kinds.ts'
import { useCommand } from '../../api/command.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { talkTarget, targetOf } from '../../frame/id-target.ts'
import { t, tCode } from '../../messages/collaboration.ts'
import { Button } from '../../ui/button.tsx'
import { CheckField } from '../../ui/field.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { TableScroll } from '../../ui/table-scroll.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

type Notice = ItemOf<typeof listNotices>

/** What I was told, and what of it I want to be told. */
export function Notifications() {
  const unread = useRead(countNotices, {}, { everyMs: 30_000 }).data?.unread
  const mark = useCommand(markNotices)
  return (
    <Screen
      title={t('notice.title')}
      answer={unread === undefined ? undefined : t('notice.answer', { unread })}
      actions={
        <Button
          onClick={() => void mark.send({ body: { isRead: true } })}
          whyNot={unread === 0 ? t('notice.answer', { unread: 0 }) : null}
        >
          {t('notice.markAll')}
        </Button>
      }
    >
      <Outcome state={mark.state} />
      <RecordList
        id="notifications"
        route={listNotices}
        columns={columnsFor((id, isRead) => void mark.send({ body: { ids: [id], isRead } }))}
        filters={[
          {
            name: 'unread',
            label: t('notice.state'),
            options: [
              { value: 'true', label: t('notice.unread') },
              { value: 'false', label: t('notice.read') },
            ],
          },
          {
            name: 'kind',
            label: t('notice.kind'),
            options: noticeKinds.map((kind) => ({ value: kind, label: tCode('noticeKind', kind) })),
          },
        ]}
        keyOf={({ id }) => id}
        empty={t('notice.none')}
        everyMs={30_000}
      />
      <Preferences />
    </Screen>
  )
}

function columnsFor(mark: (id: Notice['id'], isRead: boolean) => void): readonly Column<Notice>[] {
  return [
    {
      id: 'kind',
      header: t('notice.kind'),
      cell: ({ kind, readAt }) =>
        readAt === null ? <strong>{tCode('noticeKind', kind)}</strong> : tCode('noticeKind', kind),
      text: ({ kind }) => kind,
    },
    {
      id: 'what',
      header: t('notice.what'),
      cell: ({ event }) => tCode('event', event),
      text: ({ event }) => event,
    },
    {
      id: 'where',
      header: t('notice.where'),
      cell: (notice) => <Where notice={notice} />,
      text: ({ title, about }) => `${title ?? ''} ${about}`.trim(),
    },
    {
      id: 'by',
      header: t('notice.by'),
      cell: ({ actor }) => <Actor id={actor} />,
      text: ({ actor }) => actor,
    },
    { id: 'at', header: t('notice.at'), cell: ({ at }) => <Time at={at} />, text: ({ at }) => at },
    {
      id: 'state',
      header: t('notice.state'),
      cell: ({ id, readAt }) => (
        <Button kind="quiet" onClick={() => mark(id, readAt === null)}>
          {t(readAt === null ? 'notice.mark' : 'notice.unmark')}
        </Button>
      ),
      text: ({ readAt }) => (readAt === null ? 'unread' : 'read'),
    },
  ]
}

function Where({ notice: { about, title, threadId } }: { readonly notice: Notice }) {
  const target = threadId === null ? targetOf(about.slice(about.indexOf('/') + 1)) : talkTarget(about)
  const name = title === null ? t('notice.installation') : <Untrusted text={title} />
  return target === null ? name : <Link to={target}>{name}</Link>
}

function Preferences() {
  const read = useRead(readPreferences, {})
  return (
    <Panel title={t('notice.preferences')}>
      <Loaded read={read} rows={3}>
        {(preferences) => <PreferenceForm {...preferences} />}
      </Loaded>
    </Panel>
  )
}

type Wanted = ReplyOf<typeof readPreferences>

function PreferenceForm({ off, mail, digest }: Wanted) {
  const [chosen, setChosen] = useState({ off, mail })
  useEffect(() => setChosen({ off, mail }), [off, mail])
  const { send, state } = useCommand(setPreferences, () => toast(t('notice.saved')))
  const tell = (kind: OptionalNoticeKind, isOn: boolean) => {
    const others = chosen.off.filter((one) => one !== kind)
    setChosen({ ...chosen, off: isOn ? others : [...others, kind] })
  }
  return (
    <div className="stack">
      <p>{t('notice.preferencesText')}</p>
      <p>
        {digest === null
          ? t('notice.mailNone')
          : t('notice.mailDay', { hour: digest.hour, timeZone: digest.timeZone })}
      </p>
      <TableScroll label={t('notice.preferences')}>
        <table className="grid wrap narrow">
          <thead>
            <tr>
              <th scope="col">{t('notice.told')}</th>
              {digest !== null && <th scope="col">{t('notice.mail')}</th>}
            </tr>
          </thead>
          <tbody>
            {noticeKinds.map((kind) => (
              <tr key={kind}>
                <td>
                  {isOptional(kind) ? (
                    <CheckField
                      label={tCode('noticeKind', kind)}
                      checked={!chosen.off.includes(kind)}
                      onChange={(isOn) => tell(kind, isOn)}
                    />
                  ) : (
                    <>
                      {tCode('noticeKind', kind)} <span className="muted">({t('notice.always')})</span>
                    </>
                  )}
                </td>
                {digest !== null && (
                  <td>
                    <MailChoice
                      kind={kind}
                      mode={chosen.mail[kind]}
                      isTold={!isOptional(kind) || !chosen.off.includes(kind)}
                      onChange={(mode) => setChosen({ ...chosen, mail: { ...chosen.mail, [kind]: mode } })}
                    />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <Outcome state={state} />
      <div>
        <Button onClick={() => void send({ body: { off: [...chosen.off], mail: chosen.mail } })}>
          {t('notice.save')}
        </Button>
      </div>
    </div>
  )
}

function isOptional(kind: NoticeKind): kind is OptionalNoticeKind {
  return optionalNoticeKinds.some((one) => one === kind)
}

function MailChoice({
  kind,
  mode,
  isTold,
  onChange,
}: {
  readonly kind: NoticeKind
  readonly mode: MailMode
  readonly isTold: boolean
  readonly onChange: (mode: MailMode) => void
}) {
  if (!isTold) return <span className="muted">{t('notice.mailOff')}</span>
  return (
    <select
      className="input"
      aria-label={t('notice.mailOf', { kind: tCode('noticeKind', kind) })}
      value={mode}
      onChange={(event) => onChange(mailModes.find((one) => one === event.target.value) ?? mode)}
    >
      {mailModes.map((one) => (
        <option key={one} value={one}>
          {tCode('mailMode', one)}
        </option>
      ))}
    </select>
  )
}
