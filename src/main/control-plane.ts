import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createToolPolicyCompiler } from '../adapters/cedar/tool-policy-compiler.ts'
import { loadCanaryMaker } from '../adapters/files/canary-maker.ts'
import { loadCatalogue } from '../adapters/files/catalogue.ts'
import { loadKey } from '../adapters/files/sealing-key.ts'
import { loadSigningKey, tokenSigner } from '../adapters/files/signing-keys.ts'
import { loadShippedToolPolicies, loadToolPolicyModel } from '../adapters/files/tool-policies.ts'
import { loadUpstreamSecrets } from '../adapters/files/upstream-secrets.ts'
import { loadWebhookSecrets } from '../adapters/outgoing/webhook-secrets.ts'
import { postWebhook } from '../adapters/outgoing/webhook-post.ts'
import { createMailer } from '../adapters/outgoing/smtp.ts'
import { createPasswords, passwordFault } from '../adapters/identity/password.ts'
import { newRecoveryCodes, newTotp, recoveryDigest, verifyTotp } from '../adapters/identity/totp.ts'
import {
  beginAssertion,
  beginRegistration,
  finishAssertion,
  finishBoundAssertion,
  finishRegistration,
  type RelyingParty,
} from '../adapters/identity/webauthn.ts'
import { createContentOpener } from '../adapters/postgres/content-store.ts'
import { createChanges, createUnitOfWork, queryOn, type Pool } from '../adapters/postgres/index.ts'
import { compromiseKey, turnKeys, type KeyRing } from '../app/authorization/grant-keys.ts'
import type { GatePorts } from '../app/authorization/gate.ts'
import type { IssuerPorts } from '../app/authorization/issuer.ts'
import type { Issuer } from '../app/command.ts'
import type { DeliveryPorts } from '../app/collaboration/deliver.ts'
import type { CasePorts } from '../app/committee/cases.ts'
import type { IdentityPorts } from '../app/identity/ports.ts'
import { installation } from '../app/identity/setup.ts'
import { publishCatalogue } from '../app/policies/publish.ts'
import type { CanaryMaker } from '../app/ports/canary-maker.ts'
import type { Catalogue } from '../app/ports/catalogue.ts'
import type { Changes } from '../app/ports/changes.ts'
import { registerModel } from '../app/guard/model.ts'
import type { GuardGround, GuardPorts } from '../app/ports/guard-ground.ts'
import type { ContentOpener } from '../app/ports/gateway-content.ts'
import type { ShippedToolPolicy } from '../app/ports/shipped-tool-policies.ts'
import type { ToolPolicyCompiler } from '../app/ports/tool-policy-compiler.ts'
import type { UpstreamVault } from '../app/ports/upstream-vault.ts'
import { createRefusalLog } from '../app/refusal-log.ts'
import { rootFingerprint } from '../governance/authorization/index.ts'
import type { Digest } from '../kernel/index.ts'
import type { JwsSigner } from '../kernel/jws.ts'
import { catalogueFolder } from './catalogue-folder.ts'
import { windowKeyOf } from '../guard/policy/window.ts'
import type { Guard } from '../guard/inspect.ts'
import { createGuardGround } from './guard-ground.ts'
import type { Config, MailConfig } from './config.ts'

/** Everything that the use cases need, bound to this installation. */
export type ControlPlane = IdentityPorts &
  CasePorts &
  GatePorts &
  DeliveryPorts &
  IssuerPorts & {
    readonly catalogue: Catalogue
    readonly toolPolicyCompiler: ToolPolicyCompiler
    readonly shippedToolPolicies: readonly ShippedToolPolicy[]
    /** What streams are woken by. */
    readonly changes: Changes
    readonly canaryMaker: CanaryMaker
    readonly guardGround: GuardGround
    readonly guardShadow: GuardPorts['guardShadow']
    readonly vault: UpstreamVault & ReturnType<typeof loadUpstreamSecrets>
    readonly content: ContentOpener
    readonly rootFingerprint: Digest
    readonly signedBundle: () => string
    /** Publishes the next grant key when it is due. */
    readonly turnKeys: () => Promise<void>
    /** Takes up the keys of now when another process has turned them, or ended the belief in one. */
    readonly followKeys: () => Promise<void>
    /** Ends the belief in a grant key. */
    readonly compromiseKey: (issuer: Issuer, kid: string) => Promise<void>
  }

export type ControlPlaneOptions = {
  readonly config: Pick<Config, 'home' | 'origin' | 'digestHour' | 'mail' | 'guardShadow'>
  readonly guard: Guard
  readonly pool: Pool
  readonly installationId: string
  readonly ledgerOrigin: string
  readonly log: (level: 'warn' | 'error', message: string) => void
}

/** Composes the control plane, publishes its catalogue and its grant key. */
export async function createControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { config, guard, pool, installationId, ledgerOrigin, log } = options
  const random = (bytes: number) => randomBytes(bytes)
  const query = queryOn(pool)
  const commands = {
    unitOfWork: createUnitOfWork(pool, { origin: ledgerOrigin, random }),
    random,
    refusalLog: createRefusalLog(query, random),
  }
  const keyFolder = join(config.home, 'keys')
  const root = tokenSigner(loadSigningKey(keyFolder, 'root'), 'root')
  const grantIssuer = `urn:countersign:${installationId}`
  const keyPorts = { ...commands, root, grantIssuer, keyStore: { open: openGrantKey(keyFolder) } }
  let ring: KeyRing = await turnKeys(keyPorts)
  const catalogue = loadCatalogue(catalogueFolder)
  await publishCatalogue({ ...commands, catalogue }, installation('system'))
  const guardGround = createGuardGround(guard, windowKeyOf(loadKey(keyFolder, 'conversation.key')))
  await registerModel(commands, installation('system'), guardGround)
  return {
    ...commands,
    query,
    changes: createChanges(pool),
    passwords: { ...createPasswords(), faultOf: passwordFault },
    totp: { create: newTotp, verify: verifyTotp, recoveryCodes: newRecoveryCodes, recoveryDigest },
    passkeys: passkeysOf(config.origin),
    catalogue,
    toolPolicyCompiler: createToolPolicyCompiler(loadToolPolicyModel(catalogueFolder)),
    shippedToolPolicies: loadShippedToolPolicies(catalogueFolder),
    grantSigner: currentSigner(() => ring.signer),
    grantIssuer,
    trustBundle: () => ring.bundle,
    signedBundle: () => ring.signedBundle,
    turnKeys: async () => {
      ring = await turnKeys(keyPorts)
    },
    followKeys: async () => {
      const [row] = await query<{ value: string }>("select value from settings where name = 'trust_bundle'")
      if (row?.value !== ring.signedBundle) ring = await turnKeys(keyPorts)
    },
    compromiseKey: async (issuer, kid) => {
      ring = await compromiseKey(keyPorts, issuer, kid)
    },
    vault: loadUpstreamSecrets(keyFolder),
    content: createContentOpener(query, loadKey(keyFolder, 'conversation.key')),
    canaryMaker: loadCanaryMaker(keyFolder),
    guardGround,
    guardShadow: config.guardShadow,
    origin: config.origin,
    digestHour: config.digestHour,
    mailer: config.mail === null ? null : mailerOf(config.mail, config.origin),
    postWebhook,
    webhookVault: loadWebhookSecrets(keyFolder),
    rootFingerprint: rootFingerprint(root.kid),
    log,
  }
}

/** Signs with the key of the moment, whoever holds it and however it was handed on. */
function currentSigner(now: () => JwsSigner): JwsSigner {
  return {
    get kid() {
      return now().kid
    },
    sign: (message) => now().sign(message),
  }
}

function mailerOf({ ca, ...server }: MailConfig, origin: string) {
  return createMailer({ ...server, idHost: new URL(origin).hostname, ...(ca === null ? {} : { ca }) })
}

function openGrantKey(folder: string) {
  return (n: number) => {
    const key = loadSigningKey(folder, `grant-${n}`)
    return { signer: tokenSigner(key, 'grant'), publicKey: Buffer.from(key.publicKey).toString('base64url') }
  }
}

/** The relying party of passkeys is the host that browsers see. */
export function passkeysOf(origin: string): IdentityPorts['passkeys'] {
  const party: RelyingParty = { id: new URL(origin).hostname, name: 'Countersign', origins: [origin] }
  return {
    beginRegistration: (user) => beginRegistration(party, user),
    finishRegistration: (challenge, response) => finishRegistration(party, challenge, response),
    beginAssertion: (allowed, document) => beginAssertion(party, allowed, document),
    finishAssertion: (challenge, passkey, response) => finishAssertion(party, challenge, passkey, response),
    finishBoundAssertion: (document, passkey, response) =>
      finishBoundAssertion(party, document, passkey, response),
  }
}
