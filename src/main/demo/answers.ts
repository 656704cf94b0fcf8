import type { Json } from '../../kernel/index.ts'

type Answers = { readonly [key: string]: Json }

/** An advisory assistant without sensitive data: the least risky complete form. */
const harmless: Answers = {
  problem: 'Analysts read the same public advisories again and again.',
  domain: 'threat_intel',
  expectedOutcome: [
    { metric: 'minutes per advisory', unit: 'min', baseline: '25', target: '10', horizonDays: 90 },
  ],
  dataClass: 'public',
  personalData: 'none',
  dataSources: ['docs'],
  regulatedData: [],
  subjects: 0,
  secretsInScope: 'no',
  retentionDays: 30,
  residency: ['eu'],
  modelType: 'llm',
  hosting: 'self_hosted',
  provider: 'demo',
  modelId: 'demo-1',
  updatePolicy: 'pinned',
  trainsOnOurData: 'no',
  integrations: [],
  actions: [],
  users: 'internal',
  untrustedInput: 'none',
  volumePerDay: 100,
  decisionInfluence: [],
  affectsIndividuals: 'none',
  prohibitedManipulation: 'no',
  prohibitedVulnerability: 'no',
  prohibitedSocialScoring: 'no',
  prohibitedCrimePrediction: 'no',
  prohibitedFaceScraping: 'no',
  prohibitedEmotion: 'no',
  prohibitedBiometricCategories: 'no',
  prohibitedRemoteIdentification: 'no',
  annexIII: [],
  profiling: 'no',
  role: ['deployer'],
  gpai: 'no',
  interactsWithPeople: 'no',
  generatesContent: 'no',
  doraFunction: 'none',
  nis2Service: 'no',
  fallback: 'Analysts work as before.',
  rollback: 'tested',
  logging: 'full',
  killSwitch: 'tested',
}

/** A summariser of public advisories: tier 1. */
export function advisorySummariser(title: string): Answers {
  return { ...harmless, title }
}

/** Triage of alerts from internal logs, advice only: tier 2. */
export function alertTriage(title: string): Answers {
  return {
    ...harmless,
    title,
    problem: 'Nine in ten alerts are noise; the tenth waits for hours.',
    domain: 'triage',
    dataClass: 'internal',
    personalData: 'pseudonymous',
    dataSources: ['internal_logs', 'tickets'],
    decisionInfluence: ['operational'],
    actions: [action({ toolId: 'siem/search', effect: 'read', autonomy: 'A0' })],
    volumePerDay: 5_000,
  }
}

/** Isolates endpoints after a person has agreed: tier 3, because it acts on systems. */
export function endpointContainment(title: string): Answers {
  return {
    ...harmless,
    title,
    problem: 'Ransomware spreads faster than a person can isolate hosts.',
    domain: 'response',
    dataClass: 'confidential',
    personalData: 'personal',
    dataSources: ['internal_logs', 'tickets'],
    decisionInfluence: ['operational'],
    affectsIndividuals: 'indirect',
    modelType: 'agent',
    actions: [
      action({ toolId: 'siem/search', effect: 'read', autonomy: 'A0' }),
      action({
        toolId: 'edr/isolate',
        effect: 'containment',
        autonomy: 'A2',
        changesSystem: 'yes',
        reversible: 'within_hours',
        blastRadius: 'team',
      }),
    ],
    volumePerDay: 2_000,
  }
}

/** Watches the mood of employees: a prohibited practice. */
export function moodMonitor(title: string): Answers {
  return { ...alertTriage(title), prohibitedEmotion: 'yes', dataSources: ['mail_chat'] }
}

function action(row: Answers): Answers {
  return { changesSystem: 'no', reversible: 'yes', blastRadius: 'single', externalSend: 'no', ...row }
}
