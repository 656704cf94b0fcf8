import { markNotices } from '../../../../src/contracts/routes/collaboration.ts'
import { snoozeWork, type readWork } from '../../../../src/contracts/routes/home.ts'
import type { BodyInputOf, ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { talkTarget } from '../../frame/id-target.ts'
import { t, tCode } from '../../messages/work.ts'
import type { Values } from '../../messages/text.ts'
import { Button } from '../../ui/button.tsx'
import { Go } from '../../ui/go.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Person } from '../../ui/person.tsx'
import { Shape, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { workPath } from './record-path.ts'

export type WorkItem = ReplyOf<typeof readWork>['items'][number]
/** What one may do about waiting itself. */
export type WorkAct = 'snooze' | 'delegate'

/** One thing that waits: what, why, until when, its one action, and what one may do about waiting. */
export function WorkRow({
  item,
  isOld,
  until = null,
  onAct,
}: {
  readonly item: WorkItem
  /** The list could not be read again. */
  readonly isOld: boolean
  /** When it comes back, of what is put off. */
  readonly until?: string | null
  readonly onAct?: (act: WorkAct) => void
}) {
  const { kind, about, title, tier, due, since, isOverdue, why, snooze, delegation } = item
  const read = about === null ? null : talkTarget(about)
  const name = nameOf(item)
  const off = isOld ? t('work.off') : null
  return (
    <>
      <div className="work-what">
        <strong>{tCode('work', kind)}</strong>{' '}
        {title !== null &&
          (read === null ? (
            <Untrusted text={title} />
          ) : (
            <Go to={read}>
              <Untrusted text={title} />
            </Go>
          ))}
        <div className="muted">
          {tCode('why', why.code, whyWords(why.params))}{' '}
          {typeof why.params['by'] === 'string' && <Person id={why.params['by']} />}
        </div>
      </div>
      <div className="work-tier">{tier !== null && <Tier tier={tier} />}</div>
      <div className="work-when">
        {due === null ? (
          <span className="muted">{t('work.noDue')}</span>
        ) : (
          <span className={isOverdue ? 'status tone-breach' : 'status'}>
            {isOverdue && <Shape tone="breach" />}
            {isOverdue && <span>{t('work.overdue')}</span>}
            <Time at={due} both />
          </span>
        )}
        {due === null && since !== null && (
          <span className="muted">
            <Time at={since} />
          </span>
        )}
        {until !== null && (
          <span className="muted">
            {t('work.asleepUntil')} <Time at={until} both />
          </span>
        )}
      </div>
      <div className="work-acts">
        {until !== null ? (
          <Wake item={item} name={name} whyNot={off} />
        ) : kind === 'mention' ? (
          <MarkRead id={item.id} name={name} whyNot={off} />
        ) : off === null ? (
          <Go to={workPath(kind, item.id)} className="button" label={labelOf(kind, title)}>
            {tCode('do', kind)}
          </Go>
        ) : (
          <Button label={labelOf(kind, title)} whyNot={off}>
            {tCode('do', kind)}
          </Button>
        )}
        {onAct !== undefined && (
          <Menu
            kind="quiet"
            label={
              <>
                <span aria-hidden="true">⋯</span>
                <span className="sr-only">{t('work.more', { name })}</span>
              </>
            }
            entries={[
              {
                label: t('work.snoozeMenu'),
                onSelect: () => onAct('snooze'),
                whyNot: off ?? (snooze.k === 'never' ? tCode('work.never', snooze.why) : null),
              },
              {
                label: t('work.delegateMenu'),
                onSelect: () => onAct('delegate'),
                whyNot: off ?? (delegation.k === 'none' ? tCode('work.noDelegation', delegation.why) : null),
              },
            ]}
          />
        )}
      </div>
    </>
  )
}

/** What waits, in words: kind and title. */
export function nameOf({ kind, title }: Pick<WorkItem, 'kind' | 'title'>): string {
  return title === null ? tCode('work', kind) : `${tCode('work', kind)}, ${title}`
}

type Off = { readonly name: string; readonly whyNot: string | null }

/** What was written is read: a personal matter, which leaves the list at once. */
function MarkRead({ id, name, whyNot }: Off & { readonly id: string }) {
  const { send, state } = useCommand(markNotices)
  const ids = [id] as unknown as BodyInputOf<typeof markNotices>['ids'] // a mention is named by its notice
  return (
    <>
      <Button
        label={`${t('do.mention')}: ${name}`}
        whyNot={whyNot}
        onClick={() => void send({ body: { isRead: true, ...(ids === undefined ? {} : { ids }) } })}
      >
        {t('do.mention')}
      </Button>
      <Outcome state={state} />
    </>
  )
}

function Wake({ item: { kind, id }, name, whyNot }: Off & { readonly item: WorkItem }) {
  const { send, state } = useCommand(snoozeWork, () => toast(t('work.woken')))
  return (
    <>
      <Button
        label={`${t('work.wake')}: ${name}`}
        whyNot={whyNot}
        onClick={() => void send({ body: { kind, id, until: null } })}
      >
        {t('work.wake')}
      </Button>
      <Outcome state={state} />
    </>
  )
}

function labelOf(kind: string, title: string | null): string {
  return title === null ? tCode('do', kind) : `${tCode('do', kind)}: ${title}`
}

/** Codes among the parameters of a reason, in the words of the catalogue. */
function whyWords(params: WorkItem['why']['params']): Values {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (typeof value !== 'string') return [name, typeof value === 'boolean' ? String(value) : value]
      if (name === 'fn' || name === 'as') return [name, tCode('fn', value)]
      if (name === 'kind') return [name, tCode('reviewKind', value)]
      if (name === 'state') return [name, tCode('state', value)]
      return [name, value]
    }),
  )
}
