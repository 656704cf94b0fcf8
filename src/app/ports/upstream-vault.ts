import type { Secret, UpstreamId } from '../../kernel/index.ts'

/** Seals the secret of an upstream for the gateway; the control plane keeps what comes out and cannot read it back. */
export type UpstreamVault = { readonly seal: (id: UpstreamId, secret: Secret<string>) => Uint8Array }
