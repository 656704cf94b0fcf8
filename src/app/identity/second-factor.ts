import { demandsSecondFactor } from '../../governance/people/index.ts'
import type { AuthnContext } from '../../kernel/index.ts'
import type { Authority } from '../access.ts'

/** Whether roles or seat of a person demand a second factor that the session has not proved. */
export function lacksSecondFactor(authority: Authority, authn: AuthnContext): boolean {
  if (authn.mfa || authority.k !== 'person') return false
  return demandsSecondFactor(authority.grants, authority.seat !== null)
}
