import { QueryClient } from '@tanstack/react-query'
import { createClient, NoAnswer, ProblemError } from '../../../src/contracts/client.ts'
import type { Problem } from '../../../src/contracts/problem.ts'

/** The typed client of the route table, with the session cookie of this browser. */
export const api = createClient([], { baseUrl: window.location.origin })

/** Server state. What is read again and again changes by others too, so it is fresh for seconds only. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => failures < 2 && error instanceof NoAnswer,
      retryDelay: (attempt) => 500 * 2 ** attempt,
    },
    mutations: { retry: false },
  },
})

/** The problem document of a failed call; null when no usable answer came. */
export function problemIn(error: unknown): Problem | null {
  return error instanceof ProblemError ? error.problem : null
}

/** Whether the error says that nobody is signed in. */
export function isSignedOut(error: unknown): boolean {
  return problemIn(error)?.code === 'UNAUTHENTICATED'
}
