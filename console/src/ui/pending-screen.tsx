import { Bones, Failure } from './loaded.tsx'
import { Screen } from './screen.tsx'

/** A screen whose record is not there (yet): it has its heading, and says whether it loads or why it cannot. */
export function PendingScreen({
  title,
  error,
  onRetry,
}: {
  readonly title: string
  readonly error: unknown
  readonly onRetry: () => void
}) {
  return (
    <Screen title={title}>
      {error === null ? <Bones rows={8} /> : <Failure error={error} onRetry={onRetry} />}
    </Screen>
  )
}
