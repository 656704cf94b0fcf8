import { useParams, useRouterState } from '@tanstack/react-router'

/** The parameters of the address, by name; empty where the address has none of that name. */
export function useAddress(): Readonly<Record<string, string>> {
  return useParams({ strict: false })
}

/** The members behind the `?` of the address. */
export function useSearchMembers(): Readonly<Record<string, string>> {
  return useRouterState({ select: ({ location }) => location.search as Readonly<Record<string, string>> }) // plain text, by `router.tsx`
}
