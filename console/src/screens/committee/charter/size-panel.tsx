import { useState } from 'react'
import { readCharterTemplate } from '../../../../../src/contracts/routes/charters.ts'
import { functions } from '../../../../../src/kernel/vocabulary.ts'
import { api } from '../../../api/client.ts'
import { t } from '../../../messages/committee.ts'
import { Button } from '../../../ui/button.tsx'
import { Failure } from '../../../ui/loaded.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { functionNames } from '../words.ts'
import type { Draft, Fn } from './draft.ts'

const three: readonly Fn[] = ['security', 'risk', 'legal']

/** Fits the shipped rules to the functions that have a seat: those of a usual size, or those that are ticked below. */
export function SizePanel({
  draft,
  onChange,
}: {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
}) {
  const [error, setError] = useState<unknown>(null)
  const [fitted, setFitted] = useState<readonly Fn[] | null>(null)
  const ticked = draft.seats.flatMap(({ fn, isSeated }) => (isSeated ? [fn] : []))
  const fit = async (seated: readonly Fn[]) => {
    const { rules } = await api.call(readCharterTemplate, { query: { functions: seated.join(',') } })
    const seats = draft.seats.map((seat) => ({
      ...seat,
      isSeated: seated.includes(seat.fn),
      chair: seat.chair && seated.includes(seat.fn),
    }))
    onChange({ ...draft, seats, rules })
    setFitted(seated)
    setError(null)
  }
  const choose = (seated: readonly Fn[]) => void fit(seated).catch(setError)
  return (
    <Panel title={t('charter.size')}>
      <div className="stack">
        <p>{t('charter.sizeText')}</p>
        <div className="row">
          <Button onClick={() => choose(functions)}>{t('charter.sizeSix')}</Button>
          <Button onClick={() => choose(three)}>
            {t('charter.sizeThree', { fns: functionNames(three) })}
          </Button>
          <Button onClick={() => choose(ticked)} whyNot={ticked.length === 0 ? t('charter.sizeNone') : null}>
            {t('charter.sizeTicked')}
          </Button>
        </div>
        {fitted !== null && <p role="status">{t('charter.sizeFitted', { fns: functionNames(fitted) })}</p>}
        {error !== null && <Failure error={error} />}
      </div>
    </Panel>
  )
}
