import type { CallInput } from '../../../../src/contracts/client.ts'
import type { commandDeployment } from '../../../../src/contracts/routes/registry.ts'
import type { Place } from './place-panel.tsx'

type Input = CallInput<typeof commandDeployment>

/** A command to a place as it was when the dialog opened. */
export function to({ id, revision }: Place, body: Input['body']): Input {
  return { params: { id }, body, ifMatch: revision }
}
