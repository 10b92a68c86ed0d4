import { element } from './dom.js'

/** The texts of one reply, growing while it streams. Several candidates stand one below the other. */
export function createAnswerView() {
  const node = element('div', { class: 'answers' })
  const texts = []

  function textAt(index) {
    while (texts.length <= index) {
      const text = document.createTextNode('')
      texts.push(text)
      node.append(element('div', { class: 'answer' }, text))
    }
    if (texts.length > 1) node.classList.add('several')
    return texts[index]
  }

  return {
    node,
    append(piece, index) {
      textAt(index).appendData(piece)
    },
    /** The whole reply is there: the same texts for a stream, all of it for a reply in one piece. */
    finish({ answers }) {
      for (const [index, answer] of answers.entries()) {
        if (!answer) continue
        const { text, toolCalls } = answer
        textAt(index).data = toolCalls ? `${text}${JSON.stringify(toolCalls, null, 2)}` : text
      }
    },
  }
}
