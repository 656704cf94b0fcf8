import type { listToolPolicies } from '../../../../src/contracts/routes/tool-policies.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { t } from '../../messages/tools.ts'

export type PolicyVersion = ReplyOf<typeof listToolPolicies>['items'][number]

/** The address of a version. */
export function pathOf({ key, version }: Pick<PolicyVersion, 'key' | 'version'>): string {
  return `/gateway/policies/${key}/${version}`
}

/** How often it would have decided otherwise than what was in force. */
export function shadowText({ shadowCalls, differences, stage, origin }: PolicyVersion): string {
  if (stage === 'draft' || origin === 'shipped') return t('policy.noShadow')
  return t('policy.differencesOf', { differences, calls: shadowCalls })
}

/** What a version is called. */
export function versionName({ key, version }: Pick<PolicyVersion, 'key' | 'version'>): string {
  return t('policy.versionOf', { key, version })
}
