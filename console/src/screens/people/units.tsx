import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { createUnit, listUnits, moveUnit, renameUnit } from '../../../../src/contracts/routes/people.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t } from '../../messages/people.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { useIsAdmin } from './is-admin.ts'
import { unitOptions, useUnits, type Unit } from './unit-name.tsx'

type Doing =
  | { readonly act: 'create'; readonly below: Unit | null }
  | { readonly act: 'rename' | 'move'; readonly unit: Unit }

/** The organisation as a tree: scopes of roles and owners of use cases name its units. */
export function Units() {
  const read = useRead(listUnits, {})
  const isAdmin = useIsAdmin()
  const [doing, setDoing] = useState<Doing | null>(null)
  const create = () => setDoing({ act: 'create', below: null })
  usePageCommands(isAdmin ? [{ label: t('people.unitCreate'), run: create, key: 'n' }] : [])
  const close = () => setDoing(null)
  return (
    <Screen
      title={t('people.units')}
      answer={
        read.data === undefined ? undefined : t('people.unitsAnswer', { count: read.data.items.length })
      }
      actions={
        <>
          <Link to="/people" className="button">
            {t('rail.people')}
          </Link>
          {isAdmin && (
            <Button kind="primary" onClick={create}>
              {t('people.unitCreate')}
            </Button>
          )}
        </>
      }
    >
      <Loaded read={read}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t('people.unitsAnswer', { count: 0 })}</Empty>
          ) : (
            <div className="tree">
              <Branch units={items} parent={null} onDo={isAdmin ? setDoing : null} />
            </div>
          )
        }
      </Loaded>
      {doing?.act === 'create' && <CreateDialog below={doing.below} onClose={close} />}
      {doing?.act === 'rename' && <RenameDialog unit={doing.unit} onClose={close} />}
      {doing?.act === 'move' && <MoveDialog unit={doing.unit} onClose={close} />}
    </Screen>
  )
}

function Branch({
  units,
  parent,
  onDo,
}: {
  readonly units: readonly Unit[]
  readonly parent: string | null
  readonly onDo: ((doing: Doing) => void) | null
}) {
  const here = units.filter((unit) => unit.parent === parent).toSorted((a, b) => a.name.localeCompare(b.name))
  if (here.length === 0) return null
  return (
    <ul>
      {here.map((unit) => (
        <li key={unit.id}>
          <div className="node">
            <Link to="/people" search={{ unit: unit.id }}>
              <Untrusted text={unit.name} />
            </Link>
            {onDo !== null && (
              <span className="row">
                <Button
                  kind="quiet"
                  label={t('people.unitBelow', { name: unit.name })}
                  onClick={() => onDo({ act: 'create', below: unit })}
                >
                  {t('people.unitCreateBelow')}
                </Button>
                <Button
                  kind="quiet"
                  label={`${t('people.unitRenameOne')} ${unit.name}`}
                  onClick={() => onDo({ act: 'rename', unit })}
                >
                  {t('people.unitRename')}
                </Button>
                <Button
                  kind="quiet"
                  label={`${t('people.unitMove')} ${unit.name}`}
                  onClick={() => onDo({ act: 'move', unit })}
                >
                  {t('people.unitMoveShort')}
                </Button>
              </span>
            )}
          </div>
          <Branch units={units} parent={unit.id} onDo={onDo} />
        </li>
      ))}
    </ul>
  )
}

function CreateDialog({ below, onClose }: { readonly below: Unit | null; readonly onClose: () => void }) {
  const units = useUnits()
  const [name, setName] = useState('')
  const [parent, setParent] = useState<string>(below?.id ?? '')
  const create = useCommand(createUnit, onClose)
  const body = { name: name.trim(), parent: parent === '' ? null : parent }
  return (
    <ActDialog
      title={t('people.unitCreate')}
      verb={t('people.unitCreate')}
      whyNot={body.name === '' ? t('people.unitName') : null}
      state={create.state}
      onSend={() => void create.send({ body })}
      onClose={onClose}
    >
      <TextField label={t('people.unitName')} value={name} onChange={setName} />
      <SelectField
        label={t('people.unitParent')}
        value={parent}
        onChange={setParent}
        options={unitOptions(units)}
        empty={t('people.unitTop')}
      />
    </ActDialog>
  )
}

function RenameDialog({ unit, onClose }: { readonly unit: Unit; readonly onClose: () => void }) {
  const [name, setName] = useState(unit.name)
  const rename = useCommand(renameUnit, onClose)
  const isSame = name.trim() === unit.name || name.trim() === ''
  return (
    <ActDialog
      title={t('people.unitRenameOne')}
      verb={t('people.unitRenameOne')}
      whyNot={isSame ? t('people.unitName') : null}
      state={rename.state}
      onSend={() => void rename.send({ params: { id: unit.id }, body: { name: name.trim() } })}
      onClose={onClose}
    >
      <TextField label={t('people.unitName')} value={name} onChange={setName} />
    </ActDialog>
  )
}

function MoveDialog({ unit, onClose }: { readonly unit: Unit; readonly onClose: () => void }) {
  const units = useUnits()
  const [parent, setParent] = useState<string>(unit.parent ?? '')
  const move = useCommand(moveUnit, onClose)
  const options = unitOptions(units).filter(({ value }) => value !== unit.id)
  const body = { parent: parent === '' ? null : parent }
  return (
    <ActDialog
      title={t('people.unitMove')}
      verb={t('people.unitMove')}
      whyNot={parent === (unit.parent ?? '') ? t('people.unitSame') : null}
      state={move.state}
      onSend={() => void move.send({ params: { id: unit.id }, body })}
      onClose={onClose}
    >
      <p>
        <Untrusted text={unit.name} />
      </p>
      <p>{t('people.unitMoveText')}</p>
      <SelectField
        label={t('people.unitParent')}
        value={parent}
        onChange={setParent}
        options={options}
        empty={t('people.unitTop')}
      />
    </ActDialog>
  )
}
