import { crc32 as zlibCrc32 } from 'node:zlib'

/** CRC-32 of ISO 3309 (polynomial 0xEDB88320) over the UTF-8 of `text`, as an unsigned number. */
export function crc32(text: string): number {
  return zlibCrc32(text)
}
