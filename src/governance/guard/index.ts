export * as allowance from './allowance.ts'
export * as feedback from './feedback.ts'
export * as guardModel from './model.ts'
export * as guardPolicy from './guard-policy.ts'
