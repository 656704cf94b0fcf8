import { useNavigate } from '@tanstack/react-router'
import { useSearchMembers } from './location.ts'

/** Which act of a record is open, as its address says, and how another one opens. */
export function useOpenAct<A extends string>(
  acts: readonly A[],
): { readonly open: A | null; readonly setOpen: (act: A) => void; readonly close: () => void } {
  const navigate = useNavigate()
  const named = useSearchMembers()['act']
  const show = (act: A | null) =>
    void navigate({ to: '.', search: act === null ? {} : { act }, replace: true })
  return { open: acts.find((act) => act === named) ?? null, setOpen: show, close: () => show(null) }
}
