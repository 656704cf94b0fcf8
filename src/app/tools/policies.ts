import { toolPolicyDigest } from '../../guard/tools/document.ts'
import { toolPolicy } from '../../governance/tools/index.ts'
import { AppError, documentFault } from '../../kernel/index.ts'
import { toolPolicies } from '../aggregates/tools.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import type { ShippedToolPolicy } from '../ports/shipped-tool-policies.ts'
import type { DraftFault, ToolPolicyCompiler } from '../ports/tool-policy-compiler.ts'

export type ToolPolicyPorts = CommandPorts & {
  readonly toolPolicyCompiler: ToolPolicyCompiler
  readonly shippedToolPolicies: readonly ShippedToolPolicy[]
}

/** Begins a document of the organisation with the draft of its first version. */
export function createToolPolicy(
  ports: ToolPolicyPorts,
  issuer: Issuer,
  input: toolPolicy.Draft & { readonly key: string },
): Promise<void> {
  const { key, text, args } = input
  return change(ports, issuer, key, { c: 'create', draft: { text, args } })
}

/** Writes the draft of a document: the one that is there, or that of a next version. */
export function draftToolPolicy(
  ports: ToolPolicyPorts,
  issuer: Issuer,
  input: toolPolicy.Draft & { readonly key: string; readonly revision?: number },
): Promise<void> {
  const { key, text, args, revision } = input
  return runCommand(ports, issuer, async (work) => {
    const { rev } = await loaded(work, key)
    work.expect(rev, revision)
    await work.apply(
      toolPolicies,
      key,
      { c: 'draft', draft: { text, args } },
      await contextOf(ports, work, key),
    )
  })
}

/** Gives up the draft. Its texts stay in the ledger. */
export function discardToolPolicyDraft(ports: ToolPolicyPorts, issuer: Issuer, key: string): Promise<void> {
  return change(ports, issuer, key, { c: 'discard' })
}

/** Fixes the draft as it was read, and begins to decide by it beside every call. */
export function publishToolPolicy(
  ports: ToolPolicyPorts,
  issuer: Issuer,
  { key, revision }: { readonly key: string; readonly revision?: number },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { state, rev } = await loaded(work, key)
    work.expect(rev, revision)
    const context = await contextOf(ports, work, key)
    const checked = await checkedDraft(ports, work, key, state)
    await work.apply(toolPolicies, key, { c: 'publish' }, { ...context, checked })
  })
}

/** From now on new releases may name the version. It takes somebody who did not write in it. */
export function activateToolPolicy(
  ports: ToolPolicyPorts,
  issuer: Issuer,
  {
    key,
    version,
    differences,
  }: { readonly key: string; readonly version: number; readonly differences: number },
): Promise<void> {
  return change(ports, issuer, key, { c: 'activate', version, differences }, version)
}

/** No release begins to name the version from now on; grants that name it stay as they were approved. */
export function retireToolPolicy(
  ports: ToolPolicyPorts,
  issuer: Issuer,
  { key, version }: { readonly key: string; readonly version: number },
): Promise<void> {
  return change(ports, issuer, key, { c: 'retire', version })
}

/** A fault with its place in words, for those who only see the reasons of a refusal. */
export function placedMessage({ line, column, message }: DraftFault): string {
  return line === null ? message : `line ${line}, column ${column}: ${message}`
}

function change(
  ports: ToolPolicyPorts,
  issuer: Issuer,
  key: string,
  command: toolPolicy.Command,
  version: number | null = null,
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    if (command.c !== 'create') await loaded(work, key)
    await work.apply(toolPolicies, key, command, await contextOf(ports, work, key, version))
  })
}

async function loaded(work: Work, key: string) {
  const found = await work.load(toolPolicies, key)
  if (found.rev === 0) throw new AppError('NOT_FOUND')
  return found
}

async function contextOf(
  { shippedToolPolicies }: ToolPolicyPorts,
  work: Work,
  key: string,
  version: number | null = null,
): Promise<toolPolicy.Context> {
  // Two that publish at the same time would both see room for one more.
  await work.tx.query(`select pg_advisory_xact_lock(hashtext('tool_policies.shadow'))`)
  const [facts] = await work.tx.query<{ inShadow: number; differences: number }>(
    `select (select count(*) from tool_policies where stage = 'shadow')::int as "inShadow",
       (select coalesce(sum(n), 0) from shadow_tallies t join tool_policies p on p.digest = t.digest
          where p.key = $1 and p.version = $2 and t.outcome <> t.shadow_outcome)::bigint as differences`,
    [key, version],
  )
  return {
    key,
    now: work.now,
    actor: work.issuer.actor,
    shippedKeys: shippedToolPolicies.map((shipped) => shipped.key),
    checked: null,
    inShadow: facts?.inShadow ?? 0,
    differences: facts?.differences ?? 0,
  }
}

async function checkedDraft(
  { toolPolicyCompiler }: ToolPolicyPorts,
  work: Work,
  key: string,
  { versions }: toolPolicy.State,
): Promise<toolPolicy.Context['checked']> {
  const last = versions.at(-1)
  if (last?.s !== 'draft') return null
  const [draft] = await work.tx.query<toolPolicy.Draft>(
    'select text, args from tool_policies where key = $1 and version = $2',
    [key, last.version],
  )
  if (draft === undefined) return null
  const checked = toolPolicyCompiler.check(draft)
  if (!checked.ok)
    return {
      ok: false,
      faults: checked.faults.map((fault) => documentFault([fault.part], placedMessage(fault))),
    }
  const { policies, text, engine } = checked
  const digest = toolPolicyDigest({ key, version: last.version, policies })
  return { ok: true, published: { text, args: draft.args, policies, engine, digest } }
}
