import { readReview } from '../../../../src/contracts/routes/reviews.ts'
import type { ParamsInputOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { AssignForm } from '../reviews/forms.tsx'

type Params = ParamsInputOf<typeof readReview>

/** The form that gives a review to another lead. */
export function DelegateReview({ id, onClose }: Params & { readonly onClose: () => void }) {
  const read = useRead(readReview, { params: { id } })
  return (
    <Loaded read={read} rows={3}>
      {(review) => <AssignForm review={review} onClose={onClose} />}
    </Loaded>
  )
}
