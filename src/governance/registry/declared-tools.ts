import { autonomies, effects, type Autonomy, type Effect, type Reason } from '../../kernel/index.ts'
import type { ReleaseManifest } from './manifest.ts'

/** One action that the triaged answers of a use case declare. What is declared is what may be permitted. */
export type DeclaredAction = { readonly toolId: string; readonly effect: Effect; readonly autonomy: Autonomy }

export type UndeclaredTool = Reason<
  'TOOL_NOT_DECLARED',
  { toolId: string; why: 'absent' | 'effect' | 'autonomy' }
>

/** Every way in which the tools of `manifest` go beyond the declared actions; a release with one is refused. */
export function undeclaredTools(
  manifest: Pick<ReleaseManifest, 'tools'>,
  actions: readonly DeclaredAction[],
): UndeclaredTool[] {
  return manifest.tools.flatMap((tool, index) => {
    const declared = actions.filter((action) => action.toolId === tool.toolId)
    const fault = (why: 'absent' | 'effect' | 'autonomy'): UndeclaredTool => ({
      code: 'TOOL_NOT_DECLARED',
      params: { toolId: tool.toolId, why },
      path: `/tools/${index}`,
    })
    if (declared.length === 0) return [fault('absent')]
    // A tool declared in two rows may do what one single row allows, never the worst of both.
    const withinEffect = declared.filter(
      (action) => effects.indexOf(tool.effect) <= effects.indexOf(action.effect),
    )
    if (withinEffect.length === 0) return [fault('effect')]
    const within = withinEffect.some(
      (action) => autonomies.indexOf(tool.autonomy) <= autonomies.indexOf(action.autonomy),
    )
    return within ? [] : [fault('autonomy')]
  })
}
