import { useMe } from '../../api/session.ts'

/** Whether I administer people here. The server decides; this only keeps buttons away that would always be refused. */
export function useIsAdmin(): boolean {
  const me = useMe().data
  return me?.roles.some(({ role }) => role === 'admin') ?? false
}
