import { idPrefixes } from '../../../src/kernel/ids.ts'
import { recordScreens } from '../../../src/kernel/record-screens.ts'

const idForm = /^([a-z]{2,4})_[0-7][0-9a-hjkmnp-tv-z]{25}$/
const digestForm = /^sha256:[0-9a-f]{64}$/

/** The address of the record that an id or digest names; null when the console has no screen for it. */
export function targetOf(text: string): string | null {
  if (digestForm.test(text)) return `/releases/${text}`
  const prefix = idForm.exec(text)?.[1]
  const kinds = Object.keys(recordScreens) as (keyof typeof recordScreens)[] // the keys of our own table
  const kind = kinds.find((name) => idPrefixes[name] === prefix)
  return kind === undefined ? null : `${recordScreens[kind]}/${text}`
}

/** Where what is written about a record stands; `about` names the record as the ledger does. */
export function talkTarget(about: string): string | null {
  const target = targetOf(about.slice(about.indexOf('/') + 1))
  return target !== null && /^(useCase|system)\//.test(about) ? `${target}/comments` : target
}
