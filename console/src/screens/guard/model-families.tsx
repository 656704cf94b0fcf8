import { useNavigate } from '@tanstack/react-router'
import { useId, useRef, useState } from 'react'
import { useSearchMembers } from '../../frame/location.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { FieldFrame, SelectField } from '../../ui/field.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Empty } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { familyLabels, worstFamilies } from './families.ts'
import type { Family } from './model-header.ts'
import { intervalText } from './share.ts'

const step = 25

/** How well each family is judged by weights that have not seen it, the worst first. */
export function ModelFamilies({ families }: { readonly families: readonly Family[] }) {
  const members = useSearchMembers()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  usePageCommands([{ label: t('families.search'), key: '/', run: () => input.current?.focus() }])
  const label = familyLabels.find((one) => one === members['texts']) ?? null
  const setLabel = (value: string) => {
    const { texts: _, ...others } = members
    const search = value === '' ? others : { ...others, texts: value }
    void navigate({ to: '.', search, replace: true, resetScroll: false })
  }
  const matching = worstFamilies(families, { label, text })
  const clear = () => {
    setText('')
    setLabel('')
    input.current?.focus()
  }
  return (
    <Panel title={t('families.title')}>
      <div className="stack">
        <p className="muted">{t('families.text')}</p>
        <div className="row no-print">
          <SelectField
            label={t('families.texts')}
            value={label ?? ''}
            onChange={setLabel}
            empty={t('families.both', { count: families.length })}
            options={familyLabels.map((value) => ({
              value,
              label: t('families.of', {
                label: tCode('guard.label', value),
                count: families.filter((one) => one.label === value).length,
              }),
            }))}
          />
          <FieldFrame id={id} label={t('families.search')}>
            <input
              ref={input}
              id={id}
              type="search"
              className="input"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </FieldFrame>
        </div>
        {matching.length === 0 ? (
          <Empty action={<Button onClick={clear}>{t('common.clearFilters')}</Button>}>
            {t('common.emptyNoneMatch')}
          </Empty>
        ) : (
          <Worst key={`${label} ${text}`} families={matching} />
        )}
      </div>
    </Panel>
  )
}

/** The first rows, and more on demand. The button stays when all are shown, so that the focus has a place. */
function Worst({ families }: { readonly families: readonly Family[] }) {
  const [most, setMost] = useState(step)
  const shown = families.slice(0, most)
  return (
    <>
      <Grid
        label={t('families.title')}
        rows={shown}
        keyOf={({ family, channelClass }) => `${family} ${channelClass}`}
        columns={[
          {
            id: 'family',
            header: t('families.family'),
            cell: ({ family, style }) => (
              <>
                <code>{family}</code> <span className="muted">{style}</span>
              </>
            ),
          },
          {
            id: 'label',
            header: t('families.label'),
            cell: ({ label, isBorderline, channelClass }) =>
              t('families.what', {
                label: isBorderline ? t('families.borderline') : tCode('guard.label', label),
                side: tCode('guard.side', channelClass),
              }),
          },
          { id: 'flagged', header: t('model.flagged'), cell: ({ flagged }) => <Share of={flagged} /> },
          { id: 'high', header: t('model.high'), cell: ({ high }) => <Share of={high} /> },
        ]}
      />
      <div className="row">
        <p className="muted num" role="status">
          {t('families.shown', { shown: shown.length, count: families.length })}
        </p>
        {families.length > step && (
          <Button
            onClick={() => setMost(most + step)}
            whyNot={shown.length === families.length ? t('families.allShown') : null}
          >
            {t('families.more')}
          </Button>
        )}
      </div>
    </>
  )
}

function Share({ of }: { readonly of: Family['flagged'] }) {
  return <span className="unbroken">{intervalText(of)}</span>
}
