import { listed } from './words.ts'

/** What an answer speaks of. */
export interface Subject {
  /** A phrase that fits after "about". */
  topic: string
  /** The prompt's key words, at least one. */
  words: readonly string[]
}

/** Four first sentences for a kind of prompt. */
export function openings(kind: 'question' | 'task' | 'statement', { topic }: Subject): readonly string[] {
  switch (kind) {
    case 'question':
      return [
        `You asked about ${topic}.`,
        `That is a good question about ${topic}.`,
        `Let me think about ${topic}.`,
        `Here is a short answer about ${topic}.`,
      ]
    case 'task':
      return [
        `Certainly, here is something about ${topic}.`,
        `Let us begin with ${topic}.`,
        `Here is a first draft about ${topic}.`,
        `Happy to help with ${topic}.`,
      ]
    case 'statement':
      break
  }
  return [
    `You wrote about ${topic}.`,
    `Thank you for your words about ${topic}.`,
    `I understand that this is about ${topic}.`,
    `So this is about ${topic}.`,
  ]
}

/** Four sentences on the prompt's key words. */
export function bodies({ words }: Subject): readonly string[] {
  const first = words[0] ?? ''
  const second = words[1]
  const last = words.at(-1) ?? first
  return [
    `What matters most here is ${listed(words)}.`,
    second === undefined
      ? `The thing to look at first is ${first}.`
      : `The thing to look at first is ${first}, and after that ${second}.`,
    second === undefined
      ? `Much of it turns on ${first}.`
      : `Much of it turns on ${first} and how it goes together with ${last}.`,
    `A longer answer would start from ${first}, give an example, and then come back to ${last}.`,
  ]
}

/** Four last sentences; they say that this is a simulation. */
export function closings({ words }: Subject): readonly string[] {
  return [
    'This is a simulated answer: a real model behind this route would say more.',
    'I am a mock model, so take this as a stand-in for a real answer.',
    `Ask again about ${words[0] ?? 'it'} in other words, and this simulation will answer in other words too.`,
    'The mock provider wrote this without a network, and will write the same again.',
  ]
}
