import { useState } from 'react'
import { endDelegation } from '../../../../../src/contracts/routes/charters.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { CommandForm } from '../../../ui/command-form.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Person } from '../../../ui/person.tsx'
import { Time } from '../../../ui/time.tsx'
import { toast } from '../../../ui/toast.tsx'
import { DelegateForm } from './delegate-form.tsx'
import type { Charter, Charters } from './rule-words.ts'

type Seat = Charter['seats'][number]
type Act = { readonly k: 'delegate' | 'end'; readonly seat: Seat }

/** Seats with their people, and who stands in for whom. Whoever holds a seat hands it over and takes it back. */
export function SeatTable({
  charter: { seats, businessExecutives = [] },
  charters: { delegations },
  person,
}: {
  readonly charter: Charter
  readonly charters: Charters
  /** Whose screen it is. */
  readonly person: string
}) {
  const [act, setAct] = useState<Act | null>(null)
  const close = () => setAct(null)
  return (
    <Panel title={t('charter.seats')} flush>
      <div className="table-scroll">
        <table className="grid wrap">
          <thead>
            <tr>
              <th scope="col">{t('charter.fn')}</th>
              <th scope="col">{t('charter.holder')}</th>
              <th scope="col">{t('charter.alternates')}</th>
              <th scope="col">{t('charter.standsIn')}</th>
              <th scope="col">{t('common.actions')}</th>
            </tr>
          </thead>
          <tbody>
            {seats.map((seat) => {
              const delegation = delegations.find((item) => item.seat === seat.id)
              const isOver = delegation === undefined || Date.parse(delegation.until) <= Date.now()
              const isOwn = seat.holder === person
              return (
                <tr key={seat.id}>
                  <td>
                    {tCode('fn', seat.fn)}
                    {seat.chair && <span className="muted"> ({t('seat.chair')})</span>}
                  </td>
                  <td>
                    <Person id={seat.holder} />
                  </td>
                  <td>
                    {seat.alternates.length === 0 ? (
                      <span className="muted">{t('common.none')}</span>
                    ) : (
                      <ul>
                        {seat.alternates.map((id) => (
                          <li key={id}>
                            <Person id={id} />
                          </li>
                        ))}
                      </ul>
                    )}
                  </td>
                  <td>
                    {isOver ? (
                      <span className="muted">{t('charter.nobodyStandsIn')}</span>
                    ) : (
                      <>
                        <Person id={delegation.to} /> {t('charter.until')} <Time at={delegation.until} both />
                      </>
                    )}
                  </td>
                  <td>
                    {isOwn && isOver && (
                      <Button
                        onClick={() => setAct({ k: 'delegate', seat })}
                        whyNot={seat.alternates.length === 0 ? t('charter.noAlternate') : null}
                      >
                        {t('charter.delegate')}
                      </Button>
                    )}
                    {isOwn && !isOver && (
                      <Button onClick={() => setAct({ k: 'end', seat })}>{t('charter.takeBack')}</Button>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <p className="pad">
        {t('charter.executives')}:{' '}
        {businessExecutives.length === 0
          ? t('charter.noExecutive')
          : businessExecutives.map((id) => (
              <span key={id} className="row inline">
                <Person id={id} />
              </span>
            ))}
      </p>
      <Dialog
        open={act !== null}
        onClose={close}
        title={t(act?.k === 'end' ? 'charter.takeBack' : 'charter.delegate')}
      >
        {act?.k === 'delegate' && <DelegateForm seat={act.seat} onClose={close} />}
        {act?.k === 'end' && <TakeBackForm seat={act.seat} onClose={close} />}
      </Dialog>
    </Panel>
  )
}

function TakeBackForm({ seat, onClose }: { readonly seat: Seat; readonly onClose: () => void }) {
  return (
    <CommandForm
      route={endDelegation}
      verb={t('charter.takeBack')}
      onClose={onClose}
      input={() => ({ params: { id: seat.id } })}
      onDone={() => {
        toast(t('charter.tookBack'))
        onClose()
      }}
    >
      <p>{t('charter.takeBackText', { fn: tCode('fn', seat.fn) })}</p>
    </CommandForm>
  )
}
