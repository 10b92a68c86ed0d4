import { asNumber, asString, type JsonObject } from '../../core/json.ts'
import type { Random } from './random.ts'
import { clip } from './words.ts'

/** What generated values may draw on, so that they look as if a model had read the prompt. */
export interface Hints {
  text: string
  names: readonly string[]
  words: readonly string[]
  numbers: readonly number[]
}

interface Wish {
  /** The property's name, in lower case. */
  name: string
  index: number
  hints: Hints
  random: Random
}

/** A text for a string schema: by its format, else by what its name suggests, within its length. */
export function stringFor(schema: JsonObject, wish: Wish): string {
  const text = formatted(asString(schema['format']), wish) ?? named(wish)
  return fitted(text, asNumber(schema['minLength']) ?? 0, asNumber(schema['maxLength']) ?? Infinity)
}

function formatted(format: string | undefined, { random, hints }: Wish): string | undefined {
  switch (format) {
    case 'date':
      return date(random)
    case 'time':
      return `${time(random)}Z`
    case 'date-time':
      return `${date(random)}T${time(random)}Z`
    case 'duration':
      return `PT${1 + random.below(59)}M`
    case 'email':
      return `${(hints.words[0] ?? 'someone').toLowerCase().replaceAll(/[^a-z0-9]/g, '') || 'someone'}@example.com`
    case 'uri':
    case 'url':
      return `https://example.com/${encodeURIComponent((hints.words[0] ?? 'page').toLowerCase())}`
    case 'hostname':
      return 'example.com'
    case 'ipv4':
      return `192.0.2.${1 + random.below(254)}`
    case 'ipv6':
      return `2001:db8::${(1 + random.below(9999)).toString(16)}`
    case 'uuid':
      return uuid(random)
    default:
      return undefined
  }
}

function named({ name, index, hints, random }: Wish): string {
  if (/date|day\b/.test(name)) return date(random)
  if (/(?:^|_)id$/.test(name)) return random.id(12)
  const text = alike(name, index, hints)
  // The items of a list differ even when the prompt has no more words to offer.
  return index < Math.max(1, hints.words.length) ? text : `${text} ${index + 1}`
}

function alike(name: string, index: number, { names, words, text }: Hints): string {
  const word = words[index % (words.length || 1)]
  if (/city|location|place|country|destination|origin|region|name|person|who/.test(name))
    return names[index] ?? word ?? 'Paris'
  if (/email/.test(name)) return 'someone@example.com'
  if (/url|link/.test(name)) return 'https://example.com'
  if (/query|question|prompt|input|text|message|body|answer|summary|description/.test(name))
    return index === 0 ? clip(text, 200) || 'example' : (word ?? 'example')
  return word ?? 'example'
}

function fitted(text: string, least: number, most: number): string {
  const short = text.length > most ? text.slice(0, most) : text
  return short.length < least ? short.padEnd(Math.min(least, 10_000), '.') : short
}

function date(random: Random): string {
  return `2025-${two(1 + random.below(12))}-${two(1 + random.below(28))}`
}

function time(random: Random): string {
  return `${two(random.below(24))}:${two(random.below(60))}:00`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('')
  const variant = (8 + random.below(4)).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
