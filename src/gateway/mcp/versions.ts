/** The revision without sessions: version, client and capabilities stand in each request. */
export const modernVersion = '2026-07-28'

/** Revisions with a handshake and, over HTTP, a session; the newest first. */
export const legacyVersions = ['2025-11-25', '2025-06-18', '2025-03-26'] as const
export type LegacyVersion = (typeof legacyVersions)[number]

export const supportedVersions: readonly string[] = [modernVersion, ...legacyVersions]

export type Era = 'modern' | 'legacy'

export function isLegacyVersion(version: unknown): version is LegacyVersion {
  return legacyVersions.some((known) => known === version)
}

/** Names of the members of `_meta` that belong to the protocol. SPEC: MCP 2026-07-28, basic, `_meta`. */
export const metaNames = {
  version: 'io.modelcontextprotocol/protocolVersion',
  client: 'io.modelcontextprotocol/clientInfo',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  server: 'io.modelcontextprotocol/serverInfo',
} as const

/** How the gateway names itself to servers and, for several servers at once, to clients. */
export const implementation = '{"name":"countersign-gateway","version":"1"}'
