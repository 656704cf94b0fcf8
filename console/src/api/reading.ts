import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from '@tanstack/react-query'
import type { CallInput } from '../../../src/contracts/client.ts'
import type { ReplyOf, Route } from '../../../src/contracts/route.ts'
import { api } from './client.ts'
import { calmMs, kindOf, lostMs, useTopic, type Topic } from './stream.ts'

export type ReadOptions = {
  /** False while something that the call needs is not known. */
  readonly enabled?: boolean
  /** Reads again by itself; for what others change while it is looked at. */
  readonly everyMs?: number
  /** Reads again when the server tells that this has changed, and while it is not heard every few seconds. */
  readonly live?: Topic
  /** Segments of the path, for a list within a record. */
  readonly params?: Readonly<Record<string, string>>
  /** Shows the answer to the question before until the next one is there. */
  readonly keepsLast?: boolean
}

/** The question to a route, and the name under which its answer is kept. */
export function readingOf<R extends Route>(route: R, input: CallInput<R>) {
  return { queryKey: [route.id, input] as const, queryFn: () => api.call(route, input) }
}

/** Reads a route and keeps the answer fresh. Two components that read the same share one call. */
export function useRead<R extends Route>(
  route: R,
  input: CallInput<R>,
  { enabled = true, everyMs, live, keepsLast = false }: ReadOptions = {},
): UseQueryResult<ReplyOf<R>> {
  const interval = useInterval(live, everyMs)
  return useQuery<ReplyOf<R>>({
    ...readingOf(route, input),
    enabled,
    ...(interval === undefined ? {} : { refetchInterval: interval }),
    ...(keepsLast ? { placeholderData: keepPreviousData } : {}),
  })
}

export type PageOf<T> = { readonly items: readonly T[]; readonly next?: string | undefined }
export type ItemOf<R extends Route> = ReplyOf<R> extends PageOf<infer T> ? T : never

/** Reads a list page by page. `query` is the filter; limit and cursor are added here. */
export function usePages<R extends Route>(
  route: R,
  query: Readonly<Record<string, string>>,
  { enabled = true, everyMs, live, params }: ReadOptions = {},
): UseInfiniteQueryResult<{ readonly pages: readonly PageOf<ItemOf<R>>[] }> {
  const interval = useInterval(live, everyMs)
  return useInfiniteQuery({
    queryKey: [route.id, 'pages', query, params],
    queryFn: ({ pageParam }) => readPage(route, query, pageParam, params),
    initialPageParam: null as string | null,
    getNextPageParam: (page: PageOf<ItemOf<R>>) => page.next ?? null,
    enabled,
    ...(interval === undefined ? {} : { refetchInterval: interval }),
  })
}

/** One page of a list, for tables and exports. */
export function readPage<R extends Route>(
  route: R,
  query: Readonly<Record<string, string>>,
  cursor: string | null,
  params?: Readonly<Record<string, string>>,
): Promise<PageOf<ItemOf<R>>> {
  const asked = { ...query, limit: 100, ...(cursor === null ? {} : { cursor }) }
  return api.call(route, { query: asked, params } as unknown as CallInput<R>) as unknown as Promise<
    PageOf<ItemOf<R>>
  > // routes that page have these members
}

/** How often something is read again by itself; what is told of is, only in case. */
function useInterval(live: Topic | undefined, everyMs: number | undefined): number | undefined {
  const hearing = useTopic(live)
  if (live === undefined) return everyMs
  return hearing === 'lost' ? lostMs : calmMs[kindOf(live)]
}
