import { gemini } from './gemini.ts'
import type { DialectScenarios } from './support.ts'

/** Every dialect that the table is about. */
export const SCENARIOS: readonly DialectScenarios[] = [gemini]
