import type { UseQueryResult } from '@tanstack/react-query'
import { Component, type ErrorInfo, type ReactNode } from 'react'
import { problemIn } from '../api/client.ts'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { Note } from './note.tsx'
import { ProblemText } from './problem.tsx'

/** Waits for data: the same room as the content will need, so that nothing jumps. */
export function Bones({ rows = 4 }: { readonly rows?: number }) {
  return (
    <div className="bones" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <i key={i} />
      ))}
    </div>
  )
}

/** Why something could not be read, and how to try again. */
export function Failure({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const problem = problemIn(error)
  if (problem?.code === 'FORBIDDEN') return <Note>{t('common.noAccess')}</Note>
  if (problem?.code === 'NOT_FOUND') return <Note>{t('common.notFound')}</Note>
  return (
    <Note tone="breach" live="polite">
      <p>{t('common.loadFailed')}</p>
      {problem === null ? <p>{t('common.noAnswer')}</p> : <ProblemText problem={problem} />}
      {onRetry !== undefined && <Button onClick={onRetry}>{t('common.retry')}</Button>}
    </Note>
  )
}

/** Loading, error, content, in this order. Old data stays, marked, while a refresh fails. */
export function Loaded<T>({
  read,
  rows,
  children,
}: {
  readonly read: UseQueryResult<T>
  readonly rows?: number
  readonly children: (data: T) => ReactNode
}) {
  const { data, error, isPending, refetch } = read
  if (data !== undefined)
    return (
      <>
        {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
        {children(data)}
      </>
    )
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />
  return isPending ? <Bones {...(rows === undefined ? {} : { rows })} /> : null
}

/** Nothing to show, and what that means. */
export function Empty({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className="placeholder">
      <p>{children}</p>
      {action}
    </div>
  )
}

type BoundaryState = { readonly error: Error | null }

/** Keeps the failure of one panel in that panel. */
export class Boundary extends Component<{ readonly children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null }
  static getDerivedStateFromError(error: Error): BoundaryState {
    return { error }
  }
  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error('a panel has failed', error.name, info.componentStack)
  }
  override render(): ReactNode {
    const { error } = this.state
    if (error === null) return this.props.children
    const details = `${error.name}: ${error.message}\n${error.stack ?? ''}`
    return (
      <Note tone="breach" live="polite">
        <p>{t('common.panelFailed')}</p>
        <Button onClick={() => void navigator.clipboard.writeText(details)}>{t('common.copyDetails')}</Button>{' '}
        <Button onClick={() => this.setState({ error: null })}>{t('common.retry')}</Button>
      </Note>
    )
  }
}
