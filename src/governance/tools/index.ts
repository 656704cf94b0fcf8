export * as definitionWatch from './definition-watch.ts'
export * as toolPolicy from './tool-policy.ts'
export * as toolRegistration from './tool-registration.ts'
