import { createPool, createSightingStore, runningServer } from '../../src/adapters/postgres/index.ts'
import { pinOf } from '../../src/guard/tools/pin.ts'
import { epochMs, type DeploymentId, type JsonObject } from '../../src/kernel/index.ts'

export type SeenTool = { readonly tool: string; readonly definition: JsonObject; readonly at: number }

/** Tells the running installation in `home` of tools that a gateway has seen in a deployment. */
export async function seeTools(
  home: string,
  deployment: DeploymentId,
  tools: readonly SeenTool[],
): Promise<void> {
  const address = runningServer(home)
  if (address === null) throw new Error('no installation runs there')
  const gateway = createPool(address, 'countersign_gateway', 1)
  try {
    const seen = tools.map(({ tool, definition, at }) => {
      const pin = pinOf('mcp', definition)
      return { deployment, tool, digest: pin.ok ? pin.digest : null, definition, at: epochMs(at) }
    })
    for (const one of seen) await createSightingStore(gateway).store([one])
  } finally {
    await gateway.end()
  }
}
