import type { Shots } from '../shots.ts'

export const intakeShots: Shots = (org) => [{ name: 'intake-queue', person: org.analyst, path: '/intake' }]
