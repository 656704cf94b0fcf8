/** What `answer` comes to when it does within `ms`, else `otherwise`. Rejects when the answer does before. */
export async function within<T, L>(answer: Promise<T>, ms: number, otherwise: L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<L>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
