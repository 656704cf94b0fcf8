import { Link, useParams } from '@tanstack/react-router'
import { readOverride } from '../../../../src/contracts/routes/overrides.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useOpenAct } from '../../frame/open-act.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/safety.ts'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { ReasonsGiven } from './reasons-given.tsx'
import { RevokeForm, ReviewForm, SignForm } from './override-forms.tsx'

export type Override = ReplyOf<typeof readOverride>
const acts = ['second', 'renew', 'revoke', 'review'] as const
type Act = (typeof acts)[number]

/** What an override permits, who signed it, and until when; afterwards, whether it was justified. */
export function OverrideScreen() {
  const { id } = useParams({ strict: false })
  const read = useRead(readOverride, { params: { id: id ?? '' } }, { everyMs: 15_000 })
  if (read.data === undefined)
    return (
      <Screen title={t('override.title')}>
        <Loaded read={read} rows={10}>
          {() => null}
        </Loaded>
      </Screen>
    )
  return <Found override={read.data} />
}

const possible: Readonly<Record<Override['state'], readonly Act[]>> = {
  requested: ['second', 'revoke'],
  active: ['revoke', 'renew'],
  expired: ['review'],
  revoked: ['review'],
  reviewed: [],
  withdrawn: [],
}

function Found({ override }: { readonly override: Override }) {
  const me = useMe().data
  const { open, setOpen, close } = useOpenAct(acts)
  const { state, terms, expiresAt, isReviewOverdue, requestedBy, renewedBy, seconded } = override
  const offered = possible[state]
  usePageCommands(
    offered.map((act) => ({
      label: tCode('overrideAct', act),
      run: () => setOpen(act),
      ...(act === 'revoke' ? { key: 'S' } : {}),
    })),
  )
  const tookPart = me !== undefined && [requestedBy, seconded?.person, renewedBy].includes(me.person)
  const whyNot = (act: Act): string | null => {
    if (act === 'second' && me?.person === requestedBy) return t('override.ownRequest')
    if (act === 'renew' && renewedBy !== null) return t('override.alreadyRenewed')
    return act === 'review' && tookPart ? t('override.tookPart') : null
  }
  return (
    <Screen
      title={t('override.title')}
      answer={
        <span className="row">
          <Status state={state} {...(state === 'active' ? { tone: 'attention' as const } : {})} />
          {terms !== null && <Tier tier={terms.tier} />}
          {state === 'active' && (
            <strong>
              {t('override.inForceUntil')} <Time at={expiresAt} both />
            </strong>
          )}
        </span>
      }
      actions={offered.map((act, i) => (
        <Button
          key={act}
          kind={act === 'revoke' ? 'danger' : i === 0 ? 'primary' : 'plain'}
          onClick={() => setOpen(act)}
          whyNot={whyNot(act)}
        >
          {tCode('overrideAct', act)}
        </Button>
      ))}
    >
      {state === 'active' && (
        <div className="alarm tone-attention">
          <Status state="active" tone="attention" word={t('override.loud')} />
        </div>
      )}
      {isReviewOverdue && <Note tone="breach">{t('override.facilityOff', { count: 1 })}</Note>}
      <div className="columns">
        <Permits override={override} />
        <Signed override={override} />
      </div>
      <ReasonsGiven
        title={t('override.why')}
        notes={override.notes}
        wordsOf={(event) => tCode('overrideEvent', event)}
      />
      <Dialog open={open !== null} onClose={close} title={open === null ? '' : tCode('overrideAct', open)}>
        {(open === 'second' || open === 'renew') && (
          <SignForm override={override} act={open} onClose={close} />
        )}
        {open === 'revoke' && <RevokeForm override={override} onClose={close} />}
        {open === 'review' && <ReviewForm override={override} onClose={close} />}
      </Dialog>
    </Screen>
  )
}

function Permits({ override: { terms, deploymentId, useCaseId } }: { readonly override: Override }) {
  return (
    <Panel title={t('override.permits')}>
      {terms === null ? (
        <p className="muted">{t('override.withdrawnBefore')}</p>
      ) : (
        <Facts
          rows={[
            [
              t('override.capabilities'),
              <ul key="" className="bullets">
                {terms.capabilities.map((name) => (
                  <li key={name}>
                    <Untrusted text={name} />
                  </li>
                ))}
              </ul>,
            ],
            [t('case.release'), <Id key="" id={terms.release} whole />],
            [
              t('case.deployment'),
              <div key="" className="stack tight">
                <span className="tap">
                  <PlaceName id={deploymentId} />
                </span>
                <Id id={deploymentId} whole />
              </div>,
            ],
            [
              t('case.useCase'),
              <Link key="" to={`/intake/${useCaseId}`}>
                {t('override.useCaseOpen')}
              </Link>,
            ],
            [t('override.incident'), <Untrusted key="" text={terms.incidentId} />],
            [t('override.hours'), t('override.hoursCount', { hours: terms.lifetimeHours })],
          ]}
        />
      )}
    </Panel>
  )
}

function Signed({ override }: { readonly override: Override }) {
  const { id, requested, seconded, renewedBy, activatedAt, expiresAt, reviewDue, outcome, reviewedBy } =
    override
  const signature = (given: Override['seconded']) =>
    given === null ? (
      <Status state="missing" tone="pending" word={t('override.notSeconded')} />
    ) : (
      <span>
        <Person id={given.person} /> <span className="muted">{tCode('fn', given.fn)}</span>
      </span>
    )
  return (
    <Panel title={t('override.signed')}>
      <Facts
        rows={[
          [t('override.requestedBy'), signature(requested)],
          [t('override.secondedBy'), signature(seconded)],
          [
            t('override.renewedBy'),
            renewedBy === null ? t('override.notRenewed') : <Person key="" id={renewedBy} />,
          ],
          [t('override.activatedAt'), <Time key="" at={activatedAt} both />],
          [t('override.expiresAt'), <Time key="" at={expiresAt} both />],
          [t('override.reviewDue'), <Time key="" at={reviewDue} both />],
          [
            t('override.review'),
            outcome === null || reviewedBy === null ? (
              t('override.notReviewed')
            ) : (
              <span key="">
                {tCode('overrideOutcome', outcome)} <Person id={reviewedBy} />
              </span>
            ),
          ],
          [t('override.id'), <Id key="" id={id} whole />],
        ]}
      />
    </Panel>
  )
}
