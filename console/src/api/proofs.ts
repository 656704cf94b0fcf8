/** What a person is asked to prove before a command is sent again. */
export type ProofRequest =
  | { readonly k: 'sign_in' }
  | { readonly k: 'step_up'; readonly proof: 'recent_auth' | 'fresh_passkey' }
  | {
      readonly k: 'sign'
      readonly digest: string
      readonly challenge: string
      readonly credentialIds: readonly string[]
    }

/** False when the person has given up; else true, or the assertion that was asked for. */
export type ProofAnswer = boolean | { readonly assertion: unknown }
export type Asked = { readonly request: ProofRequest; readonly answer: (given: ProofAnswer) => void }

let ask: ((asked: Asked) => void) | null = null

/** The layer that shows such requests tells here how to ask it. */
export function onProofAsked(listener: ((asked: Asked) => void) | null): void {
  ask = listener
}

/** Asks the person at the screen, and waits. */
export function proofFromPerson(request: ProofRequest): Promise<ProofAnswer> {
  return new Promise((answer) => {
    if (ask === null) answer(false)
    else ask({ request, answer })
  })
}
