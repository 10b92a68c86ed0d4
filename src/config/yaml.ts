import { LineCounter, parseDocument, type Document, type ErrorCode } from 'yaml'
import { TOO_DEEP, unsafeParts } from './yaml-guard.ts'

/** A YAML text as plain values, with the tree that tells where each stands. */
interface YamlFile {
  document: Document.Parsed
  lines: LineCounter
  value: unknown
}

/** What is wrong with the text itself, at an offset in it. The message never quotes the text: it may hold a key. */
export interface YamlFault {
  offset: number
  message: string
}

export type YamlResult = { ok: true; yaml: YamlFile } | { ok: false; lines: LineCounter; faults: YamlFault[] }

const MAX_FAULTS = 20
const MAX_ALIASES = 50

/** Read one YAML 1.2 document (with `<<` merges). Bombs of aliases or of nesting are faults, never exceptions. */
export function readYaml(text: string): YamlResult {
  const lines = new LineCounter()
  try {
    return read(text, lines)
  } catch (error) {
    return { ok: false, lines, faults: [{ offset: 0, message: exceptionMessage(error) }] }
  }
}

function read(text: string, lines: LineCounter): YamlResult {
  const document = parseDocument(text, {
    lineCounter: lines,
    // The library's own pretty errors quote the line, which may hold a key; so may its warnings on the console.
    prettyErrors: false,
    logLevel: 'error',
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    merge: true,
  })
  const faults = [...document.errors, ...document.warnings].map((error) => ({
    offset: error.pos[0],
    message: MESSAGES[error.code] ?? 'not valid YAML; check the indentation, quotes and brackets here',
  }))
  if (faults.length === 0) faults.push(...unsafeParts(document))
  if (faults.length > 0) return { ok: false, lines, faults: distinct(faults) }
  const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
  return { ok: true, yaml: { document, lines, value } }
}

/** A stack that overflows is reported once per level: once is enough. */
function distinct(faults: YamlFault[]): YamlFault[] {
  const firstDeep = faults.findIndex((fault) => fault.message === TOO_DEEP)
  return faults
    .filter((fault, index) => fault.message !== TOO_DEEP || index === firstDeep)
    .slice(0, MAX_FAULTS)
}

function exceptionMessage(error: unknown): string {
  if (error instanceof RangeError) return TOO_DEEP
  if (error instanceof ReferenceError) {
    return `aliases repeat too much: an anchor may be used ${MAX_ALIASES} times; write the repeated parts out`
  }
  return 'not valid YAML; check the indentation, quotes and brackets'
}

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  BAD_DQ_ESCAPE: 'a backslash in double quotes starts an escape that YAML does not know; use single quotes',
  BAD_INDENT: 'not valid YAML: the indentation is wrong here, or a bracket above is not closed',
  BAD_SCALAR_START: 'a value cannot start with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " in one line; put the value in quotes, or the inner mapping on a new line',
  BLOCK_IN_FLOW: 'a block cannot stand inside brackets; use one style for the whole value',
  DUPLICATE_KEY: 'the same key twice in one mapping; remove one',
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters; is a colon or a quote missing?',
  MISSING_CHAR: 'not valid YAML: a quote, a bracket, a comma or a colon is missing here',
  MULTILINE_IMPLICIT_KEY: 'not valid YAML: a key must be on one line; is a colon missing?',
  MULTIPLE_DOCS: 'a second document starts here; write one document per file, without further "---"',
  NON_STRING_KEY: 'a key must be plain text',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: 'a tab in the indentation; indent with spaces',
  TAG_RESOLVE_FAILED: 'a tag (the word after "!") that is not known; remove it, or put the value in quotes',
  UNEXPECTED_TOKEN: 'not valid YAML: this was not expected here; check the indentation, quotes and brackets',
}
