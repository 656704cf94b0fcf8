import { Link } from '@tanstack/react-router'
import { t } from '../../messages/safety.ts'
import { Untrusted } from '../../ui/untrusted.tsx'

/** The screen of what is stopped; null for what has none of its own. */
function pathOf(scope: string, targetId: string): string | null {
  if (scope === 'deployment') return `/deployments/${targetId}`
  if (scope === 'system') return `/systems/${targetId}`
  return scope === 'use_case' ? `/intake/${targetId}` : null
}

/** What is stopped, by name, as a way to its record. */
export function TargetLink({
  scope,
  targetId,
  title,
}: {
  readonly scope: string
  readonly targetId: string
  readonly title: string | null
}) {
  const path = pathOf(scope, targetId)
  const name = title === null ? t('stop.everything') : <Untrusted text={title} />
  return path === null ? <span title={targetId}>{name}</span> : <Link to={path}>{name}</Link>
}
