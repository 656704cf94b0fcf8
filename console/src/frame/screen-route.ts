import type { ComponentType } from 'react'

/** One screen with its address. Its code is loaded when somebody goes there. */
export type ScreenRoute = {
  /** `$name` is a parameter: `/systems/$id/$tab`. */
  readonly path: string
  readonly load: () => Promise<{ readonly [name: string]: ComponentType }>
  /** The export of the module that is the screen. */
  readonly name: string
  /** Stands outside the frame and needs no session. */
  readonly isAlone?: boolean
}

export type RailGroup = 'home' | 'govern' | 'protect' | 'prove'

/** An entry of the main navigation, shown to whoever may use the screen. */
export type RailEntry = {
  readonly group: RailGroup
  readonly path: string
  readonly label: string
  /** Pressed after `g`. */
  readonly key: string
  /** Order within the group. */
  readonly order: number
  /** How many of it wait for the person who is signed in. */
  readonly count?: ComponentType
  /** The permission without which the screen does not exist for somebody. */
  readonly needs?: string
}

/** What one area adds to the console. */
export type Area = { readonly routes: readonly ScreenRoute[]; readonly rail: readonly RailEntry[] }
