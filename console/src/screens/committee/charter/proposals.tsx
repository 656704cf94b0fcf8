import { useState } from 'react'
import { ratifyCharter } from '../../../../../src/contracts/routes/charters.ts'
import { useMe } from '../../../api/session.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { CommandForm } from '../../../ui/command-form.tsx'
import { Button } from '../../../ui/button.tsx'
import { Id } from '../../../ui/copy.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Person } from '../../../ui/person.tsx'
import { Status } from '../../../ui/status.tsx'
import { toast } from '../../../ui/toast.tsx'
import { functionNames } from '../words.ts'
import { inForceOf, ruleKinds, ruleSentence, ruleTiers, type Charter, type Charters } from './rule-words.ts'

type Proposal = Charters['proposals'][number]
/** The first charter has no committee to decide it: that many of its own people, of as many functions, sign it. */
const firstSignatures = 3

/** Proposed charters with their signatures, and what each would change. */
export function Proposals({ charters }: { readonly charters: Charters }) {
  const me = useMe().data
  const [signing, setSigning] = useState<Proposal | null>(null)
  if (charters.proposals.length === 0) return null
  const inForce = inForceOf(charters)?.charter ?? null
  const whyNot = (proposal: Proposal): string | null => {
    if (me === undefined) return t('common.loading')
    if (inForce !== null && proposal.by === me.person) return t('charter.ownProposal')
    if (proposal.signatures.some(({ by }) => by === me.person)) return t('charter.alreadySigned')
    const seats = (inForce ?? proposal.charter).seats
    const isSeated = seats.some(({ holder, alternates }) => [holder, ...alternates].includes(me.person))
    return isSeated ? null : t(inForce === null ? 'charter.notInProposal' : 'charter.notSeated')
  }
  return (
    <Panel title={t('charter.proposals')}>
      <ul className="stack wide">
        {charters.proposals.map((proposal) => (
          <li key={proposal.digest} className="stack">
            <div className="row">
              <strong>{t('charter.version', { version: proposal.charter.version })}</strong>
              <span>
                {t('charter.proposedBy')} <Person id={proposal.by} />
              </span>
              <span className="grow" />
              <Button kind="primary" onClick={() => setSigning(proposal)} whyNot={whyNot(proposal)}>
                {t('charter.sign')}
              </Button>
            </div>
            <p>
              {t('charter.digest')}: <Id id={proposal.digest} whole />
            </p>
            <Signatures proposal={proposal} inForce={inForce} />
            <Changes from={inForce} to={proposal.charter} />
          </li>
        ))}
      </ul>
      <Dialog open={signing !== null} onClose={() => setSigning(null)} title={t('charter.sign')}>
        {signing !== null && (
          <SignForm proposal={signing} inForce={inForce} onClose={() => setSigning(null)} />
        )}
      </Dialog>
    </Panel>
  )
}

/** Who has signed, and which functions must still. */
function Signatures({
  proposal: { signatures },
  inForce,
}: {
  readonly proposal: Proposal
  readonly inForce: Charter | null
}) {
  const required = inForce?.rules['charter']?.['3']?.required ?? []
  const missing = required.filter((fn) => signatures.every((signature) => signature.fn !== fn))
  return (
    <div className="stack">
      <ul>
        {signatures.map(({ by, fn }) => (
          <li key={by} className="row">
            <Status state="accepted" word={tCode('fn', fn)} /> <Person id={by} />
          </li>
        ))}
      </ul>
      <p className="muted">
        {inForce === null
          ? t('charter.firstNeeds', { needed: firstSignatures, given: signatures.length })
          : missing.length === 0
            ? t('charter.allRequired')
            : t('charter.missing', { fns: functionNames(missing) })}
      </p>
    </div>
  )
}

/** What a proposal changes: seats and rules, in words. */
function Changes({ from, to }: { readonly from: Charter | null; readonly to: Charter }) {
  const seatChanges = to.seats.filter(({ fn, holder, alternates, chair }) => {
    const before = from?.seats.find((seat) => seat.fn === fn)
    return (
      before?.holder !== holder ||
      before.chair !== chair ||
      before.alternates.join(' ') !== alternates.join(' ')
    )
  })
  const gone = from?.seats.filter(({ fn }) => to.seats.every((seat) => seat.fn !== fn)) ?? []
  const ruleChanges = ruleKinds.flatMap((kind) =>
    ruleTiers.flatMap((tier) => {
      const rule = to.rules[kind]?.[tier]
      const before = from?.rules[kind]?.[tier]
      return rule === undefined || JSON.stringify(rule) === JSON.stringify(before)
        ? []
        : [{ kind, tier, rule }]
    }),
  )
  return (
    <details open={ruleChanges.length < 4}>
      <summary>
        {t('charter.changes', { seats: seatChanges.length + gone.length, rules: ruleChanges.length })}
      </summary>
      <ul className="bullets">
        {seatChanges.map(({ id, fn, holder, alternates, chair }) => (
          <li key={id}>
            {tCode('fn', fn)}: <Person id={holder} />
            {chair && ` (${t('seat.chair')})`}
            {alternates.length > 0 && (
              <>
                {'; '}
                {t('charter.alternates')}:{' '}
                {alternates.map((who) => (
                  <span key={who}>
                    <Person id={who} />{' '}
                  </span>
                ))}
              </>
            )}
          </li>
        ))}
        {gone.map(({ id, fn }) => (
          <li key={id}>{t('charter.seatGone', { fn: tCode('fn', fn) })}</li>
        ))}
        {from !== null &&
          ruleChanges.map(({ kind, tier, rule }) => (
            <li key={`${kind} ${tier}`}>
              {tCode('caseKind', kind)}, {t('tier.label', { tier })}: {ruleSentence(rule)}
            </li>
          ))}
      </ul>
    </details>
  )
}

function SignForm({
  proposal,
  inForce,
  onClose,
}: {
  readonly proposal: Proposal
  readonly inForce: Charter | null
  readonly onClose: () => void
}) {
  return (
    <CommandForm
      route={ratifyCharter}
      verb={t('charter.sign')}
      onClose={onClose}
      input={() => ({ params: { digest: proposal.digest }, body: {} })}
      onDone={({ isRatified }) => {
        toast(t(isRatified ? 'charter.ratified' : 'charter.signedOne'))
        onClose()
      }}
    >
      <p>{t('charter.signText', { version: proposal.charter.version })}</p>
      <p>
        {t('charter.digest')}: <Id id={proposal.digest} whole />
      </p>
      <Changes from={inForce} to={proposal.charter} />
      <p className="muted">{tCode('proofAsked', 'passkey_bound')}</p>
    </CommandForm>
  )
}
