import {
  Combobox,
  ComboboxGroup,
  ComboboxGroupLabel,
  ComboboxItem,
  ComboboxList,
  ComboboxProvider,
  Dialog,
} from '@ariakit/react'
import { useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useMe } from '../api/session.ts'
import { t } from '../messages/text.ts'
import { railFor } from '../screens/areas.ts'
import { Status, Tier } from '../ui/status.tsx'
import { targetOf } from './id-target.ts'
import { useCurrentCommands } from './page-commands.ts'
import { useRecordSearch } from './record-search.ts'

type Hit = {
  readonly id: string
  readonly label: string
  readonly hint?: ReactNode
  readonly run: () => void
}

/** Records, commands of the open record, and screens in one place. A pasted id goes straight to its record. */
export function Palette({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const commands = useCurrentCommands()
  const permissions = useMe().data?.permissions ?? []
  const needle = text.trim().toLowerCase()
  const records = useRecordSearch(open ? text.trim() : '')
  const go = (path: string) => () => void navigate({ to: path })
  const direct = targetOf(text.trim())
  const groups: readonly (readonly [string, readonly Hit[]])[] = [
    [
      t('frame.records'),
      [
        ...(direct === null
          ? []
          : [{ id: 'direct', label: t('frame.goTo', { id: text.trim() }), run: go(direct) }]),
        ...records.map(({ id, title, kind, state, tier, path }) => ({
          id,
          label: title,
          hint: (
            <span className="row">
              {kind}
              {tier !== null && <Tier tier={tier} />}
              <Status state={state} />
            </span>
          ),
          run: go(path),
        })),
      ],
    ],
    [
      t('frame.commands'),
      commands
        .filter(({ label }) => label.toLowerCase().includes(needle))
        .map(({ label, run }) => ({ id: `command ${label}`, label, run })),
    ],
    [
      t('frame.screens'),
      railFor(permissions)
        .filter(({ label }) => label.toLowerCase().includes(needle))
        .map(({ path, label, key }) => ({ id: path, label, hint: `g ${key}`, run: go(path) })),
    ],
  ]
  const hits = groups.flatMap(([, found]) => found)
  const close = () => {
    setText('')
    onClose()
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      unmountOnHide
      className="dialog"
      aria-label={t('frame.searchHint')}
      backdrop={<div className="backdrop" />}
      preventBodyScroll={false}
    >
      <ComboboxProvider
        open
        setValue={setText}
        resetValueOnHide={false}
        setSelectedValue={(value) => {
          const hit = hits.find(({ id }) => id === value)
          if (hit === undefined) return
          close()
          hit.run()
        }}
      >
        <div className="body search">
          <Combobox
            autoSelect="always"
            className="input"
            placeholder={t('frame.searchHint')}
            aria-label={t('frame.searchHint')}
          />
        </div>
        <ComboboxList className="menu" alwaysVisible>
          {groups.map(([label, found]) =>
            found.length === 0 ? null : (
              <ComboboxGroup key={label}>
                <ComboboxGroupLabel className="muted">{label}</ComboboxGroupLabel>
                {found.map((hit) => (
                  <ComboboxItem key={hit.id} value={hit.id} focusOnHover setValueOnClick={false}>
                    <span className="grow">{hit.label}</span>
                    {hit.hint !== undefined && <span className="muted">{hit.hint}</span>}
                  </ComboboxItem>
                ))}
              </ComboboxGroup>
            ),
          )}
          {hits.length === 0 && <p className="muted">{t('frame.searchNone')}</p>}
        </ComboboxList>
      </ComboboxProvider>
    </Dialog>
  )
}
