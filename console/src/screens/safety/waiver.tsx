import { Link, useParams } from '@tanstack/react-router'
import { readRequirements } from '../../../../src/contracts/routes/requirements.ts'
import { readWaiver } from '../../../../src/contracts/routes/waivers.ts'
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
import { Screen } from '../../ui/screen.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { ReasonsGiven } from './reasons-given.tsx'
import { AcceptForm, OpenCaseForm, RefuseForm, RenewForm, RevokeForm } from './waiver-forms.tsx'
import { gapName, missingWords } from './waiver-words.ts'

export type Waiver = ReplyOf<typeof readWaiver>
const acts = ['accept', 'refuse', 'renew', 'revoke', 'openCase'] as const
type Act = (typeof acts)[number]

/** Which gap is accepted, as it was weighed, by whom, and who has not accepted yet. */
export function WaiverScreen() {
  const { id } = useParams({ strict: false })
  const read = useRead(readWaiver, { params: { id: id ?? '' } })
  if (read.data === undefined)
    return (
      <Screen title={t('waiver.title')}>
        <Loaded read={read} rows={10}>
          {() => null}
        </Loaded>
      </Screen>
    )
  return <Found waiver={read.data} />
}

function Found({ waiver }: { readonly waiver: Waiver }) {
  const { open, setOpen, close } = useOpenAct(acts)
  const { state, needsCase, caseId, missing } = waiver
  const acceptWhyNot = useAcceptance(waiver)
  const offered: readonly Act[] =
    state === 'requested'
      ? ['accept', 'refuse', ...(needsCase ? (['openCase'] as const) : []), 'revoke']
      : state === 'accepted'
        ? ['renew', 'revoke']
        : []
  usePageCommands(offered.map((act) => ({ label: tCode('waiverAct', act), run: () => setOpen(act) })))
  return (
    <Screen
      title={t('waiver.of', { gap: gapName(waiver.subject), title: waiver.title })}
      answer={
        <span className="row">
          <Status state={state} />
          <Tier tier={waiver.tier} />
          <span>{answerOf(waiver)}</span>
        </span>
      }
      actions={offered.map((act) => (
        <Button
          key={act}
          kind={act === 'accept' ? 'primary' : act === 'revoke' || act === 'refuse' ? 'danger' : 'plain'}
          onClick={() => setOpen(act)}
          whyNot={act === 'accept' || act === 'refuse' ? acceptWhyNot : null}
        >
          {tCode('waiverAct', act)}
        </Button>
      ))}
    >
      {needsCase && state === 'requested' && (
        <Note tone="attention">
          {t('waiver.needsCase')}{' '}
          {caseId !== null && <Link to={`/cases/${caseId}`}>{t('waiver.toCase')}</Link>}
        </Note>
      )}
      <div className="columns">
        <Terms waiver={waiver} />
        <Gap waiver={waiver} />
        <Acceptances waiver={waiver} />
      </div>
      <ReasonsGiven
        title={t('waiver.why')}
        notes={waiver.notes}
        wordsOf={(event) => tCode('waiverEvent', event)}
      />
      <Dialog open={open !== null} onClose={close} title={open === null ? '' : tCode('waiverAct', open)}>
        {open === 'accept' && <AcceptForm waiver={waiver} onClose={close} />}
        {open === 'refuse' && <RefuseForm waiver={waiver} onClose={close} />}
        {open === 'renew' && <RenewForm waiver={waiver} onClose={close} />}
        {open === 'revoke' && <RevokeForm waiver={waiver} onClose={close} />}
        {open === 'openCase' && <OpenCaseForm waiver={waiver} onClose={close} missing={missing} />}
      </Dialog>
    </Screen>
  )
}

function answerOf({ state, missing, expiresAt }: Waiver): string {
  if (state === 'requested') return t('waiver.answerRequested', { acceptors: missingWords(missing) })
  if (state === 'accepted' && expiresAt !== null) return t('waiver.answerAccepted')
  return t('waiver.answerOver')
}

/** Why the reader cannot accept or refuse, as far as their seat tells; the server has the last word. */
function useAcceptance({ missing, acceptances, requestedBy }: Waiver): string | null {
  const me = useMe().data
  if (me === undefined) return t('common.loading')
  if (me.person === requestedBy) return t('waiver.ownRequest')
  if (acceptances.some(({ by }) => by === me.person)) return t('waiver.alreadyAccepted')
  const standsFor = [me.seat, ...me.roles.map(({ fn }) => fn)]
  return missing.some((acceptor) => standsFor.includes(acceptor))
    ? null
    : t('waiver.notAcceptor', { acceptors: missingWords(missing) })
}

function Terms({ waiver }: { readonly waiver: Waiver }) {
  const { release, environment, residual, lifetimeDays, expiresAt, requestedBy, renewals, compensating } =
    waiver
  return (
    <Panel title={t('waiver.terms')}>
      <Facts
        rows={[
          [t('waiver.residual'), tCode('residual', String(residual))],
          [t('case.environment'), tCode('environment', environment)],
          [t('case.release'), release === null ? t('review.anyRelease') : <Id key="" id={release} whole />],
          [t('waiver.lifetime'), t('waiver.days', { days: lifetimeDays })],
          [
            t('waiver.expiresAt'),
            expiresAt === null ? t('waiver.notRunning') : <Time key="" at={expiresAt} both />,
          ],
          [t('waiver.requestedBy'), <Person key="" id={requestedBy} />],
          [t('waiver.renewals'), String(renewals)],
          [
            t('waiver.compensating'),
            compensating.length === 0 ? (
              t('common.none')
            ) : (
              <Link key="" to="/conditions" search={{ useCaseId: waiver.useCaseId }}>
                {t('case.conditionCount', { count: compensating.length })}
              </Link>
            ),
          ],
        ]}
      />
    </Panel>
  )
}

/** The gap as it was weighed, and whether it is still the same: a waiver covers no other. */
function Gap({ waiver: { subject, release, environment, stateDigest } }: { readonly waiver: Waiver }) {
  const isRequirement = subject.k !== 'condition' && release !== null
  const read = useRead(
    readRequirements,
    { query: { release: release ?? '', environment } },
    { enabled: isRequirement },
  )
  const item = read.data?.items.find(({ id }) => id === subject.id)
  return (
    <Panel title={t('waiver.gapTitle')}>
      <div className="stack">
        <p>
          {t('waiver.weighed')}: <Id id={stateDigest} whole />
        </p>
        {isRequirement ? (
          <Loaded read={read} rows={2}>
            {() =>
              item === undefined ? (
                <Note>{t('waiver.gapGone')}</Note>
              ) : (
                <>
                  <p>
                    {t('waiver.now')}: <Id id={item.gap} whole />
                  </p>
                  {item.gap === stateDigest ? (
                    <Status
                      state="met"
                      word={t('waiver.gapSame', { why: tCode('requirementWhy', item.why) })}
                    />
                  ) : (
                    <Note tone="breach">
                      {item.status === 'met' ? t('waiver.gapMet') : t('waiver.gapChanged')}
                    </Note>
                  )}
                  <div className="row">
                    {t('waiver.requirement')} <Status state={item.status} />
                  </div>
                </>
              )
            }
          </Loaded>
        ) : (
          <Status state="unknown" word={t('waiver.gapUnknown')} />
        )}
      </div>
    </Panel>
  )
}

function Acceptances({ waiver: { acceptances, missing } }: { readonly waiver: Waiver }) {
  return (
    <Panel title={t('waiver.acceptances')}>
      <ul className="stack">
        {acceptances.map(({ by, as }) => (
          <li key={by} className="row">
            <Status state="accepted" word={tCode('fn', as)} />
            <Person id={by} />
          </li>
        ))}
        {missing.map((acceptor) => (
          <li key={acceptor}>
            <Status
              state="missing"
              tone="pending"
              word={t('waiver.missing', { fn: tCode('fn', acceptor) })}
            />
          </li>
        ))}
        {acceptances.length + missing.length === 0 && <li className="muted">{t('waiver.nobodyAccepted')}</li>}
      </ul>
    </Panel>
  )
}
