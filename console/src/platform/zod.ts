import { z } from 'zod'

// The content policy forbids code from text, and zod would probe for it: it interprets its schemas instead.
z.config({ jitless: true })
