import { useNavigate } from '@tanstack/react-router'
import { t, tCode } from '../../../messages/committee.ts'
import { useMe } from '../../../api/session.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Menu } from '../../../ui/menu.tsx'
import { reasonText } from '../../../ui/outcome.tsx'
import { BallotSheet } from './ballot-sheet.tsx'
import { isOpenCase, type Case } from './case.ts'
import { CancelForm, CloseForm, RecuseForm, RevokeForm, StartForm } from './forms.tsx'

export type CaseAct = 'vote' | 'object' | 'recuse' | 'start' | 'close' | 'cancel' | 'revoke'

/** What can be done with the case now. Whatever cannot, says why. */
export function CaseActions({
  found,
  onAct,
}: {
  readonly found: Case
  readonly onAct: (act: CaseAct) => void
}) {
  const me = useMe().data
  const navigate = useNavigate()
  const { state, own, decision, requirements, tally } = found
  const unmet = requirements.filter(({ status }) => status === 'unmet' || status === 'unknown').length
  const notChair = own.isChair ? null : t('case.notChair')
  const refused = own.refusals[0]
  const isRevocable = decision !== null && decision.outcome !== 'rejected' && !decision.revoked
  const opensCases = me?.roles.some(({ role }) => role === 'analyst') === true
  return (
    <>
      {(state === 'open' || state === 'waiting_evidence') && (
        <Button
          kind="primary"
          onClick={() => onAct('start')}
          whyNot={notChair ?? (unmet > 0 ? t('case.startUnmet', { unmet }) : null)}
        >
          {t('case.start')}
        </Button>
      )}
      {state === 'voting' && (
        <>
          <Button
            kind="primary"
            onClick={() => onAct('vote')}
            whyNot={refused === undefined ? null : reasonText(refused)}
          >
            {found.ballots.some(({ fn }) => fn === own.fn) ? t('case.supersedeBallot') : t('case.castBallot')}
          </Button>
          <Button
            onClick={() => onAct('close')}
            whyNot={notChair ?? (tally.status === 'satisfied' ? null : t('case.closeUnsatisfied'))}
          >
            {t('case.close')}
          </Button>
        </>
      )}
      {isRevocable && (
        <Button kind="danger" onClick={() => onAct('revoke')}>
          {t('case.revoke')}
        </Button>
      )}
      <Menu
        label={t('common.actions')}
        entries={[
          ...(isOpenCase(found)
            ? [
                {
                  label: t('case.cancel'),
                  onSelect: () => onAct('cancel'),
                  whyNot: opensCases ? null : t('case.notAnalyst'),
                },
              ]
            : []),
          { label: t('case.print'), onSelect: () => void navigate({ to: `/cases/${found.id}/record` }) },
          ...(decision === null
            ? []
            : [
                {
                  label: t('case.printDecision'),
                  onSelect: () => void navigate({ to: `/cases/${found.id}/decision` }),
                },
              ]),
        ]}
      />
    </>
  )
}

/** The one dialog of the case that is open. Which one stands in the URL. */
export function CaseDialogs({
  found,
  open,
  onClose,
}: {
  readonly found: Case
  readonly open: CaseAct | null
  readonly onClose: () => void
}) {
  return (
    <Dialog open={open !== null} onClose={onClose} title={open === null ? '' : tCode('caseAct', open)}>
      {(open === 'vote' || open === 'object') && (
        <BallotSheet found={found} choice={open === 'object' ? 'object' : null} onClose={onClose} />
      )}
      {open === 'recuse' && <RecuseForm found={found} onClose={onClose} />}
      {open === 'start' && <StartForm found={found} onClose={onClose} />}
      {open === 'close' && <CloseForm found={found} onClose={onClose} />}
      {open === 'cancel' && <CancelForm found={found} onClose={onClose} />}
      {open === 'revoke' && <RevokeForm found={found} onClose={onClose} />}
    </Dialog>
  )
}
