import { DatabaseError } from 'pg'
import { AppError } from '../../kernel/index.ts'

/** Whether the server has answered: what it says while it goes down is no answer, and neither is silence. */
export function isAnswer(error: unknown): boolean {
  return error instanceof DatabaseError && !/^(08|57P)/.test(error.code ?? '')
}

/** The fault that an error of the database means to a caller; any other error unchanged. */
export function faultOf(error: unknown): unknown {
  if (error instanceof AppError) return error
  if (error instanceof DatabaseError) {
    const code = error.code ?? ''
    if (code === '23514' || code === 'P0001')
      return new AppError('REFUSED', undefined, {
        reasons: [{ code: 'DUTY_CONFLICT', params: { constraint: error.constraint ?? 'trigger' } }],
        cause: error,
      })
    if (['22P05', '22021', '22P02'].includes(code))
      return new AppError('INVALID_INPUT', 'a text holds a character that cannot be stored', { cause: error })
    if (code.startsWith('08') || code.startsWith('57') || code.startsWith('53'))
      return new AppError('UNAVAILABLE', undefined, { cause: error })
    return error
  }
  const { code } = error as NodeJS.ErrnoException
  if (code !== undefined && /^(ECONN|EPIPE|ENOENT|ETIMEDOUT)/.test(code))
    return new AppError('UNAVAILABLE', undefined, { cause: error })
  if (error instanceof Error && /Connection terminated|timeout|not queryable/.test(error.message))
    return new AppError('UNAVAILABLE', undefined, { cause: error })
  return error
}

/** Whether a fault says that the connection, or what stands behind it, cannot be relied on any more. */
export function isLoss(fault: unknown): fault is AppError {
  return fault instanceof AppError && (fault.code === 'UNAVAILABLE' || fault.code === 'OUTCOME_UNKNOWN')
}
