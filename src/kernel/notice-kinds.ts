/** What a person is told of and may switch off. */
export const optionalNoticeKinds = ['mention', 'comment', 'information', 'decision'] as const
/** Kinds that nobody can switch off: what they tell has consequences for what one answers for. */
export const mandatoryNoticeKinds = ['ballot_due', 'stop', 'override', 'breach', 'expiry'] as const
/** What a person is told of. */
export const noticeKinds = [...optionalNoticeKinds, ...mandatoryNoticeKinds] as const
export type NoticeKind = (typeof noticeKinds)[number]
export type OptionalNoticeKind = (typeof optionalNoticeKinds)[number]
/** How what a person is told goes to them by e-mail. */
export const mailModes = ['at_once', 'daily', 'off'] as const
export type MailMode = (typeof mailModes)[number]
