/** The browser has no custom inspection; the symbol only names the member. */
export const inspect = { custom: Symbol('inspect') }
