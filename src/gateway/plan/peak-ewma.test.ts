import { describe, expect, test } from 'vitest'
import { PeakEwma } from './peak-ewma.ts'

describe('a peak average', () => {
  test('knows nothing before the first sample', () => {
    const average = new PeakEwma()
    expect(average.value).toBeUndefined()
    expect(average.valueAt(1000)).toBeUndefined()
  })

  test('jumps up to a peak at once', () => {
    const average = new PeakEwma()
    average.add(100, 0)
    average.add(5000, 1)
    expect(average.value).toBe(5000)
  })

  test('comes down by and by: to a third or so of the way after ten seconds', () => {
    const average = new PeakEwma()
    average.add(1100, 0)
    average.add(100, 10_000)
    expect(average.value).toBeCloseTo(100 + 1000 / Math.E, 6)
  })

  test('is not moved by many short times at one moment', () => {
    const average = new PeakEwma()
    average.add(1000, 0)
    for (let index = 0; index < 1000; index++) average.add(1, 0)
    expect(average.value).toBe(1000)
  })

  test('never leaves the range of its samples', () => {
    const average = new PeakEwma()
    for (const [sample, now] of [
      [50, 0],
      [10, 400],
      [20, 90_000],
      [20, 80_000],
    ] as const)
      average.add(sample, now)
    expect(average.value).toBeGreaterThanOrEqual(10)
    expect(average.value).toBeLessThanOrEqual(50)
  })

  test('counts for less the longer nothing was measured, so that a target which was slow is tried again', () => {
    const average = new PeakEwma()
    average.add(30_000, 0)
    expect(average.valueAt(0)).toBe(30_000)
    expect(average.valueAt(10_000)).toBeCloseTo(30_000 / Math.E, 6)
    expect(average.valueAt(100_000)).toBeLessThan(2)
    expect(average.value).toBe(30_000)
  })
})
