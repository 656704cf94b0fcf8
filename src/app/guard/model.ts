import type { JsonObject } from '../../kernel/index.ts'
import { guardModels } from '../aggregates/guard.ts'
import { runCommand, type CommandPorts, type Issuer } from '../command.ts'
import type { GuardGround } from '../ports/guard-ground.ts'

/** Records the weights that this installation reads with, once for each file. */
export function registerModel(
  ports: CommandPorts,
  issuer: Issuer,
  { model, header }: Pick<GuardGround, 'model' | 'header'>,
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    if (model === null) return
    const context = { now: work.now, actor: issuer.actor, digest: model }
    await work.apply(guardModels, model, { c: 'register', header: namesIn(header) }, context)
  })
}

/** What weights call themselves. Measures are no whole numbers; the digest covers them. */
function namesIn(header: unknown): JsonObject {
  const { id, version, languages } = header as { id?: string; version?: number; languages?: string[] } // a checked file
  return { id: id ?? '', version: version ?? 0, languages: languages ?? [] }
}
