import { addComment, startThread } from '../../../src/contracts/routes/collaboration.ts'
import type { Shots } from '../shots.ts'

/** A thread on a case with a question and its answer, and what people were told of it. */
export const collaborationShots: Shots = async ({ seats, technicalOwner, auditor }, { walked }) => {
  const { id } = await seats.risk.call(startThread, {
    body: {
      subject: { k: 'case', id: walked.caseId },
      text: `@[${technicalOwner.id}] Who is told when a host is isolated **outside office hours**?`,
    },
  })
  await technicalOwner.call(addComment, {
    params: { id },
    body: {
      text: `The shift lead, by the on-call rota:\n\n- at once by telephone\n- then in the ticket\n\n@[${seats.risk.id}] the runbook says so in \`step 4\`.`,
    },
  })
  return [
    { name: 'notifications', person: seats.risk, path: '/notifications' },
    { name: 'notifications-none', person: auditor, path: '/notifications' },
    {
      name: 'comments',
      person: seats.risk,
      path: `/cases/${walked.caseId}`,
      act: (page) => page.getByText('by the on-call rota').first().scrollIntoViewIfNeeded(),
    },
  ]
}
