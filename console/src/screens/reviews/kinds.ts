/** The function that leads and signs a review of each kind. */
const functionOf: Readonly<Record<string, string>> = {
  legal: 'legal',
  privacy: 'privacy',
  security: 'security',
  vendor: 'security',
  dpia: 'privacy',
  fria: 'legal',
}

export const reviewKinds = ['legal', 'privacy', 'security', 'vendor', 'dpia', 'fria'] as const

export function reviewFunction(kind: string): string {
  return functionOf[kind] ?? kind
}
