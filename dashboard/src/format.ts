const WHOLE = new Intl.NumberFormat('en')
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** 1,234, and 1.2M from a million on. */
export function formatCount(value: number): string {
  return Math.abs(value) < 1_000_000 ? WHOLE.format(value) : SHORT.format(value)
}

/** USD; null: nobody knows the price. */
export function formatCost(usd: number | null): string {
  if (usd === null) return 'unknown'
  if (usd === 0) return '$0'
  const digits = Math.abs(usd) < 0.01 ? 6 : Math.abs(usd) < 1 ? 4 : 2
  return `$${usd.toLocaleString('en', { minimumFractionDigits: Math.min(digits, 2), maximumFractionDigits: digits })}`
}

/** A length of time in milliseconds. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '–'
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
  if (ms < 172_800_000) return `${(ms / 3_600_000).toFixed(1)} h`
  return `${Math.round(ms / 86_400_000)} days`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

/** From 0 to 1. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`
}

/** A time as people here write it; with seconds. */
export function formatTime(iso: string | null): string {
  return iso === null
    ? '–'
    : new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
}

/** How long ago, roughly. */
export function formatAgo(iso: string | null, now: number = Date.now()): string {
  if (iso === null) return 'never'
  const seconds = Math.round((now - Date.parse(iso)) / 1000)
  if (seconds < 5) return 'now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`
  return `${Math.round(seconds / 86_400)} days ago`
}
