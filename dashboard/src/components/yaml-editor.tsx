import {
  autocompletion,
  type CompletionContext,
  completionKeymap,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { foldGutter, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { Annotation, Compartment, EditorState } from '@codemirror/state'
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef } from 'react'
import type { TextIssue } from '../../../src/admin/contract.ts'
import { get } from '../api.ts'
import { completionsAt, type Schema } from '../yaml-completions.ts'

interface EditorProps {
  readonly value: string
  readonly isReadOnly: boolean
  readonly issues: readonly TextIssue[]
  readonly onChange: (text: string) => void
}

/** A configuration, with the schema's words at hand and its mistakes marked. Escape, then Tab, leaves it. */
export default function YamlEditor(props: EditorProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const latest = useRef(props)
  const schema = useRef<Schema>({})
  const { data } = useQuery({
    queryKey: ['/admin/config/schema'],
    queryFn: ({ signal }) => get<Schema>('/admin/config/schema', {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const { value, issues, isReadOnly } = props
  useEffect(() => {
    latest.current = props
    schema.current = data ?? {}
  })
  useEffect(() => {
    const host = place.current
    if (!host) return undefined
    // Its styles are put in at run time, which the page's policy refuses for the document and allows for a shadow root.
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
    const state = EditorState.create({
      doc: latest.current.value,
      extensions: [
        lineNumbers(),
        foldGutter(),
        lintGutter(),
        history(),
        highlightActiveLine(),
        yaml(),
        syntaxHighlighting(COLOURS),
        autocompletion({ override: [(context) => complete(context, schema.current)] }),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        writability.of(EditorState.readOnly.of(latest.current.isReadOnly)),
        EditorView.contentAttributes.of({ 'aria-label': 'Configuration' }),
        EditorView.lineWrapping,
        LOOK,
        EditorView.updateListener.of(({ docChanged, transactions, state: next }) => {
          const isGiven = transactions.some((one) => one.annotation(fromOutside))
          if (docChanged && !isGiven) latest.current.onChange(next.doc.toString())
        }),
      ],
    })
    const editor = new EditorView({ state, parent: root, root })
    view.current = editor
    return () => {
      editor.destroy()
      root.replaceChildren()
    }
  }, [])
  useEffect(() => {
    view.current?.dispatch({ effects: writability.reconfigure(EditorState.readOnly.of(isReadOnly)) })
  }, [isReadOnly])
  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === value) return
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      annotations: fromOutside.of(true),
    })
  }, [value])
  useEffect(() => {
    const editor = view.current
    if (editor)
      editor.dispatch(
        setDiagnostics(
          editor.state,
          issues.map((issue) => toDiagnostic(issue, editor.state)),
        ),
      )
  }, [issues])
  return <div ref={place} className="overflow-hidden rounded-md border border-line" />
}

const writability = new Compartment()
/** Of a change that nobody typed. */
const fromOutside = Annotation.define<boolean>()

/** Those of the page, which have their contrast in both themes. */
const COLOURS = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.typeName, tags.labelName, tags.meta], color: 'var(--warn)' },
])

const LOOK = EditorView.theme({
  '&': { maxHeight: '32rem', fontSize: '12px', color: 'var(--text)', backgroundColor: 'var(--surface)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': {
    fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
    lineHeight: '1.6',
  },
  '.cm-gutters': {
    backgroundColor: 'var(--sunken)',
    color: 'var(--muted)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent-soft) 45%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-completionDetail': { color: 'inherit', fontStyle: 'normal', marginLeft: '1em' },
})

function complete({ state, pos, explicit }: CompletionContext, schema: Schema): CompletionResult | null {
  const found = completionsAt(schema, state.doc.toString(), pos)
  if (!found || found.suggestions.length === 0 || (!explicit && found.from === pos)) return null
  return {
    from: found.from,
    options: found.suggestions.map(({ label, about = '' }) => ({ label, info: about })),
    validFor: /^[\w./-]*$/,
  }
}

function toDiagnostic({ line, column, message }: TextIssue, { doc }: EditorState): Diagnostic {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines))
  return { from: Math.min(from + Math.max(column - 1, 0), to), to, severity: 'error', message }
}
