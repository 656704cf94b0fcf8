/**
 * Whether `text` may name a tool server: small letters, digits and single hyphens. So it stands in a path as it is, and
 * neither `/` nor `__` can be a part of it, which stand between a server and its tool.
 */
export function isServerName(text: string): boolean {
  return /^[a-z0-9](?:-?[a-z0-9]){0,39}$/.test(text)
}
