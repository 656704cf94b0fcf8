import { Menu as Base, MenuButton, MenuItem, MenuProvider } from '@ariakit/react'
import type { ReactNode } from 'react'

export type MenuEntry = {
  readonly label: string
  readonly onSelect: () => void
  readonly whyNot?: string | null
}

/** A button that opens a list of acts. */
export function Menu({
  label,
  entries,
  kind = 'plain',
}: {
  readonly label: ReactNode
  readonly entries: readonly MenuEntry[]
  readonly kind?: 'plain' | 'quiet'
}) {
  return (
    <MenuProvider>
      <MenuButton className={`button ${kind}`}>{label}</MenuButton>
      <Base className="menu" gutter={4} portal unmountOnHide>
        {entries.map(({ label: text, onSelect, whyNot }) => (
          <MenuItem
            key={text}
            onClick={onSelect}
            disabled={whyNot !== undefined && whyNot !== null}
            accessibleWhenDisabled
            title={whyNot ?? undefined}
          >
            {text}
          </MenuItem>
        ))}
      </Base>
    </MenuProvider>
  )
}
