import { findSum } from './arithmetic.ts'
import { openings, bodies, closings } from './phrases.ts'
import type { Random } from './random.ts'
import { clip, keyWords, listed, wordsOf } from './words.ts'

/** What the answer is an answer to. */
export interface Prompt {
  /** The last user message, or the results of the tools when those come last. */
  text: string
  /** Results of tools that were called, in order; empty when the user spoke last. */
  results: readonly ToolResult[]
}

export interface ToolResult {
  name: string
  content: string
}

/** Gives the n-th answer to a prompt; as long as there are enough patterns, another for every n. */
export type Answerer = (candidate: number) => string

/** The part of a long prompt that is looked at, in characters. */
const LOOKED_AT = 2000
const LONGEST_ANSWER_WORDS = 5000
/** Bounds only what is said several times, in characters. */
const LONGEST_ECHO = 20_000

/** The mock's answers to a prompt. The same prompt and random numbers give the same answers. */
export function answerTo(prompt: Prompt, random: Random): Answerer {
  if (prompt.results.length > 0) return tellResults(prompt.results)
  const text = prompt.text.length > LOOKED_AT ? prompt.text.slice(0, LOOKED_AT) : prompt.text
  return (
    echo(prompt.text) ??
    count(text) ??
    sum(text) ??
    greet(text, random) ??
    introduce(text, random) ??
    discuss(text, random)
  )
}

function tellResults(results: readonly ToolResult[]): Answerer {
  const told = listed(results.map(({ name, content }) => `${name} says ${readable(content)}`))
  return oneOf([
    `Here is what I found: ${told}.`,
    `According to the tools, ${told}.`,
    `I looked it up. ${told}.`,
    `The answer came back: ${told}.`,
  ])
}

/** A flat JSON object as "key is value" pairs, anything else as it is. */
function readable(content: string): string {
  try {
    const value: unknown = JSON.parse(content)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return clip(content, 300)
    const pairs = Object.entries(value).map(([key, item]) => `${key} is ${plainValue(item)}`)
    return pairs.length === 0 ? 'nothing' : clip(listed(pairs), 300)
  } catch {
    return clip(content, 300).replace(/[.!?\s]+$/, '') || 'nothing'
  }
}

function plainValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const ECHO =
  /^(?:please )?(?:can you |could you )?(?:please )?(?:say|repeat|echo|reply with|respond with|answer with)(?: after me| exactly| only| just| back| the words?| the phrase| the following)*\s*:?\s+(\S[\s\S]*)$/i

function echo(text: string): Answerer | undefined {
  const asked = ECHO.exec(text.trim())?.[1]?.trim()
  if (asked === undefined) return undefined
  const times = / (?:(\d{1,3}) times|(twice))[.!?]*$/i.exec(asked)
  const told = unquote(times ? asked.slice(0, times.index) : asked)
  const wanted = Number(times?.[1] ?? (times ? 2 : 1))
  const length = Math.min(wanted, Math.ceil(LONGEST_ECHO / told.length))
  const said = Array.from({ length }, () => told).join(' ')
  return oneOf([said, `As you wish: ${said}`, `Here you are: ${said}`, `You asked me to say: ${said}`])
}

function unquote(text: string): string {
  return /^["'“‘`](.+)["'”’`][.!?]?$/s.exec(text)?.[1] ?? text
}

function count(text: string): Answerer | undefined {
  const asked = /\bcount (?:from (-?\d{1,4}) )?(?:up |down )?to (-?\d{1,4})\b/i.exec(text)
  if (!asked) return undefined
  const from = Number(asked[1] ?? 1)
  const to = Number(asked[2])
  const step = to < from ? -1 : 1
  const length = Math.min(Math.abs(to - from) + 1, 1000)
  const numbers = Array.from({ length }, (_, index) => from + index * step).join(', ')
  return oneOf([`${numbers}.`, `Counting: ${numbers}.`, `Here we go: ${numbers}.`, `${numbers}. Done.`])
}

function sum(text: string): Answerer | undefined {
  const found = findSum(text)
  if (!found) return undefined
  const { expression, value } = found
  if (!Number.isFinite(value))
    return oneOf([`${expression} has no finite value.`, 'That has no finite value.'])
  return oneOf([
    `${expression} = ${value}.`,
    `The answer is ${value}.`,
    `${expression} makes ${value}.`,
    `That comes to ${value}.`,
  ])
}

const GREETING =
  /^(?:hi|hello|hey|howdy|greetings|good (?:morning|afternoon|evening|day))(?: there| all| everyone| again)?\b[\s\p{P}]*(.*)$/isu
const THANKS = /^(?:thanks|thank you|cheers|many thanks)\b/i

function greet(text: string, random: Random): Answerer | undefined {
  const trimmed = text.trim()
  const rest = GREETING.exec(trimmed)?.[1]
  // "Hello" and "Hello, world" are greetings; "Hello, what is the capital of France?" is a question.
  if (rest !== undefined && wordsOf(rest).length <= 2 && !rest.includes('?')) return oneOf(GREETINGS, random)
  if (THANKS.test(trimmed) && trimmed.length < 80) return oneOf(WELCOMES, random)
  return undefined
}

const ABOUT_ME =
  /^(?:(?:hi|hello|hey)[,!.]? )?(?:(?:who|what) are you|what(?:['’]s| is) your name|what (?:model|llm) (?:are you|is this)|what can you do)\b/i

function introduce(text: string, random: Random): Answerer | undefined {
  return ABOUT_ME.test(text.trim()) ? oneOf(INTRODUCTIONS, random) : undefined
}

const INTRODUCTIONS = [
  'I am the mock model of this gateway: I answer out of your own words, without a network.',
  'I am a simulated model. I greet, count, repeat, do sums, call tools and talk about anything a little.',
  'My name is mock. I stand in for a real model, so that you can try the gateway without a key.',
  'I am not a real model: the mock provider of this gateway makes up what I say, always in the same way.',
]

const GREETINGS = [
  'Hello! I am the mock model of this gateway. What would you like to try?',
  'Hi there! I am a simulated model: ask me anything and see what an answer looks like.',
  'Hello! Nice to meet you. How can I help you today?',
  'Hey! Everything works: your message came through the gateway and back.',
]

const WELCOMES = [
  'You are welcome! Is there anything else you would like to try?',
  'Glad to help. Ask me something else whenever you like.',
  'My pleasure. I will be here, always with the same answer to the same question.',
  'Any time!',
]

/** Pattern sentences about the prompt's own words: 64 different answers, and more when a number of words is asked for. */
function discuss(text: string, random: Random): Answerer {
  const words = keyWords(text, 4)
  const subject = { topic: topicOf(text, words), words: words.length > 0 ? words : ['your message'] }
  const asked = /\b(\d{1,4})[ -]words?\b/i.exec(text)
  const length = Math.min(Number(asked?.[1] ?? 0), LONGEST_ANSWER_WORDS)
  const opening = openings(kindOf(text), subject)
  const body = bodies(subject)
  const closing = closings(subject)
  const base = random.below(64)
  return (candidate) => {
    // An odd step visits all 64 combinations before one comes again.
    const pick = (base + candidate * 21) & 63
    const short = `${at(opening, pick)} ${at(body, pick >> 2)} ${at(closing, pick >> 4)}`
    return length > 0 ? atLength(short, body, length) : short
  }
}

/** `start` and then `sentences` over and over, to about `length` words: whole ones first, then cut. */
function atLength(start: string, sentences: readonly string[], length: number): string {
  const words = start.split(' ')
  for (let index = 0; words.length < length; index++) words.push(...at(sentences, index).split(' '))
  const text = words.slice(0, length).join(' ')
  return text.endsWith('.') ? text : `${text.replace(/[,;:]$/, '')}.`
}

const QUESTION =
  /\?\s*$|^(?:what|who|whom|whose|when|where|why|which|how|is|are|was|were|do|does|did|can|could|should|would|will)\b/i
const TASK =
  /^(?:please )?(?:write|summari[sz]e|translate|explain|list|give|create|generate|describe|compare|show|make|draft|classify|suggest|tell|complete|name|find|rewrite|help)\b/i

function kindOf(text: string): 'question' | 'task' | 'statement' {
  const trimmed = text.trim()
  if (TASK.test(trimmed)) return 'task'
  return QUESTION.test(trimmed) ? 'question' : 'statement'
}

const POLITE =
  /^(?:(?:hi|hello|hey)[,!.]? )?(?:please )?(?:(?:can|could|would) you |i want to know |i would like to know )?(?:please )?/i
const HOW_TO = /^how (?:do|does|can|should|would) (?:i|you|we|one) /i
const LEAD_IN =
  /^(?:(?:what|who|where)(?:['’]s| is| are| was| were) |why (?:is|are|do|does|did) |when (?:is|was|did|does) |(?:write|tell|talk|say|give|create|make|draft|generate|describe|explain)[^.?!\n]{0,40}? about |(?:tell me|explain|describe|write|give me|suggest|create) )/i

/** What a prompt is about, to stand within a sentence: the prompt without its question words, or its key words. */
function topicOf(text: string, words: readonly string[]): string {
  const asked = text.trim().replace(POLITE, '')
  const core = asked
    .replace(HOW_TO, 'how to ')
    .replace(LEAD_IN, '')
    .replace(/[\s\p{P}]+$/u, '')
  const isPhrase = core.length > 0 && core.length <= 70 && !/[.!?\n]/.test(core)
  if (!isPhrase) return listed(words) || 'your message'
  return kindOf(text) === 'statement' ? `“${core}”` : core
}

function oneOf(answers: readonly string[], random?: Random): Answerer {
  const start = random?.below(answers.length) ?? 0
  return (candidate) => at(answers, start + candidate)
}

function at(items: readonly string[], index: number): string {
  return items[index % items.length] ?? ''
}
