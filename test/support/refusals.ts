import { ProblemError } from '../../src/contracts/client.ts'

/** The problem with which `act` was refused. Throws when it was not. */
export async function problemOf(act: Promise<unknown>): Promise<ProblemError['problem']> {
  const error: unknown = await act.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProblemError)) throw new Error('this was not refused', { cause: error })
  return error.problem
}

/** The code of a refusal and those of its reasons. Throws when nothing was refused. */
export async function codesOf(act: Promise<unknown>): Promise<readonly string[]> {
  const { code, reasons } = await problemOf(act)
  return [code, ...reasons.map((reason) => reason.code)]
}

/** Why `act` was refused: its reasons, or its code where it has none. Empty when it was done. */
export async function objectionsTo(act: Promise<unknown>): Promise<readonly string[]> {
  try {
    await act
    return []
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { code, reasons } = error.problem
    return reasons.length === 0 ? [code] : reasons.map((reason) => reason.code)
  }
}
