import { expect, test } from 'vitest'
import type { Database } from '../../../src/core/database.ts'

/** What the gateway keeps for itself. */
export function settingsBehave(open: () => Database): void {
  test('of several who set a value once, all are told the same', async () => {
    const { settings } = open()
    const told = await Promise.all(['a', 'b', 'c'].map((value) => settings.setOnce('pepper', value)))
    expect(new Set(told).size).toBe(1)
    await settings.set('pepper', 'd')
    expect(await settings.get('pepper')).toBe('d')
    expect(await settings.get('salt')).toBeUndefined()
  })
}
