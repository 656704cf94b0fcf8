import { useSyncExternalStore } from 'react'

/** A saved view: filters, sorting and columns of one list under a name, kept in this browser. */
export type SavedView = { readonly name: string; readonly search: Readonly<Record<string, string>> }

const listeners = new Set<() => void>()
const cache = new Map<string, readonly SavedView[]>()

export function useViews(list: string): readonly SavedView[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => viewsOf(list),
  )
}

export function saveView(list: string, view: SavedView): void {
  write(list, [...viewsOf(list).filter(({ name }) => name !== view.name), view])
}

export function deleteView(list: string, name: string): void {
  write(
    list,
    viewsOf(list).filter((view) => view.name !== name),
  )
}

function viewsOf(list: string): readonly SavedView[] {
  const known = cache.get(list)
  if (known !== undefined) return known
  const read = stored(list)
  cache.set(list, read)
  return read
}

function write(list: string, views: readonly SavedView[]): void {
  cache.set(list, views)
  localStorage.setItem(`countersign.views.${list}`, JSON.stringify(views))
  for (const listener of listeners) listener()
}

function stored(list: string): readonly SavedView[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(`countersign.views.${list}`) ?? '[]')
    return Array.isArray(found) ? (found as SavedView[]) : [] // our own key
  } catch {
    return [] // somebody else has written there: start again
  }
}
