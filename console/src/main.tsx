import './platform/zod.ts'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queries } from './api/client.ts'
import { ProofLayer } from './frame/proof-layer.tsx'
import { router } from './router.tsx'
import './theme/tokens.css'
import './theme/base.css'
import './theme/components.css'
import './theme/calendar.css'
import './theme/committee.css'
import './theme/demo.css'
import './theme/frame.css'
import './theme/import.css'
import './theme/registry.css'
import './theme/identity.css'
import './theme/intake.css'
import './theme/gateway.css'
import './theme/home.css'
import './theme/ledger.css'
import './theme/lists.css'
import './theme/print.css'
import { Toasts } from './ui/toast.tsx'

const place = document.getElementById('console')
if (place === null) throw new Error('the page has no place for the console')

createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <ProofLayer />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
)
