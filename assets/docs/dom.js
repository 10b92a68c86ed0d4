/**
 * An element with attributes, listeners and children. Strings become text nodes, never markup: names of models and
 * answers come from elsewhere.
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name, value)
    else if (value === true) node.setAttribute(name, '')
    else if (value !== false && value !== undefined) node.setAttribute(name, String(value))
  }
  node.append(...children.filter((child) => child !== undefined))
  return node
}

let hints = 0

/** A control with its label and, if given, a hint below. */
export function field(label, control, hint) {
  const labelled = element('label', { class: 'field' }, element('span', {}, label), control)
  if (hint === undefined) return labelled
  const id = `hint-${++hints}`
  control.setAttribute('aria-describedby', id)
  return element('div', { class: 'field' }, labelled, element('small', { id, class: 'muted' }, hint))
}

/** 1234 as `1.23 s`, 87 as `87 ms`. */
export function duration(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}
