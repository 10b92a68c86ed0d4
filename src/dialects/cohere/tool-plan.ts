import type { ModelState } from '../../core/state.ts'

/**
 * What the model says before it calls tools (`tool_plan`) is thinking to other dialects. This state tells it from Cohere's
 * other thinking, so that it goes back where it came from. Cohere signs nothing, so there is no other state of its.
 */
export const TOOL_PLAN: ModelState = { dialect: 'cohere', data: 'tool_plan' }

export function isToolPlan(state: ModelState | undefined): boolean {
  return state?.dialect === TOOL_PLAN.dialect && state.data === TOOL_PLAN.data
}
