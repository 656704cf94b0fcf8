import { listUnits } from '../../../../src/contracts/routes/people.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/people.ts'
import { shortened } from '../../ui/copy.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

export type Unit = ReplyOf<typeof listUnits>['items'][number]

/** All units; empty while they are not known. */
export function useUnits(): readonly Unit[] {
  return useRead(listUnits, {}).data?.items ?? []
}

/** A unit by its name, or by its id while that is not known. */
export function UnitName({ id }: { readonly id: string | null }) {
  const unit = useUnits().find((one) => one.id === id)
  if (id === null) return <span className="muted">{t('people.noUnit')}</span>
  return unit === undefined ? <code title={id}>{shortened(id)}</code> : <Untrusted text={unit.name} />
}

/** The units in the order of the tree, each with its depth. */
export function inTree(
  units: readonly Unit[],
  parent: string | null = null,
  depth = 0,
): readonly (Unit & { readonly depth: number })[] {
  return units
    .filter((unit) => unit.parent === parent)
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .flatMap((unit) => [{ ...unit, depth }, ...inTree(units, unit.id, depth + 1)])
}

/** The units as choices, those below indented. */
export function unitOptions(
  units: readonly Unit[],
): readonly { readonly value: string; readonly label: string }[] {
  return inTree(units).map(({ id, name, depth }) => ({
    value: id,
    label: `${'\u2003'.repeat(depth)}${name}`,
  }))
}
