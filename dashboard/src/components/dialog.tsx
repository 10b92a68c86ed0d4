import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Button } from './basics.tsx'

/** Something that has to be dealt with first. It is there as long as it is rendered; Escape asks to close it. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string
  onClose: () => void
  children: ReactNode
}): ReactNode {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    ref.current?.showModal()
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      className="m-auto w-[min(40rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface p-5 text-text"
    >
      <header className="mb-3 flex items-start justify-between gap-4">
        <h2 id={id} className="text-base font-semibold wrap-anywhere">
          {title}
        </h2>
        <Button look="quiet" aria-label="Close" onClick={onClose} className="-mt-1 -mr-2">
          ✕
        </Button>
      </header>
      {children}
    </dialog>
  )
}

/** Ask before something that cannot be taken back. */
export function Confirm({
  title,
  action,
  onConfirm,
  onClose,
  children,
}: {
  title: string
  action: string
  onConfirm: () => void
  onClose: () => void
  children: ReactNode
}): ReactNode {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="text-muted">{children}</div>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
