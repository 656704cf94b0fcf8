import { tCode } from '../../messages/tools.ts'
import { Status } from '../../ui/status.tsx'
import { toneOfTool } from './tool-tone.ts'

/** Whether the definition of a tool is the one that was approved. */
export function ToolStatus({ state }: { readonly state: keyof typeof toneOfTool }) {
  return <Status state={state} tone={toneOfTool[state]} word={tCode('tool.stateOf', state)} />
}
