// A labelled field, with a word of help and what is wrong with it; and the inputs that go into one.
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from "react";

export function Field({ label, help, wrong, children }: { label: string; help?: ReactNode; wrong?: string | undefined; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      {children(id)}
      {wrong !== undefined && (
        <p role="alert" className="mt-1 text-sm text-bad">
          {wrong}
        </p>
      )}
      {help !== undefined && <p className="mt-1 text-xs text-soft">{help}</p>}
    </div>
  );
}

const look = "w-full rounded-md border border-edge bg-paper px-3 text-sm placeholder:text-soft focus-visible:outline-offset-0";

export const TextInput = ({ className = "", ...rest }: InputHTMLAttributes<HTMLInputElement>) => (
  <input spellCheck={false} autoComplete="off" className={`h-9 ${look} ${className}`} {...rest} />
);

export const TextArea = ({ className = "", ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) => (
  <textarea className={`min-h-24 py-2 [field-sizing:content] ${look} ${className}`} rows={3} {...rest} />
);

export const Select = ({ className = "", ...rest }: SelectHTMLAttributes<HTMLSelectElement>) => (
  <select className={`h-9 max-w-full rounded-md border border-edge bg-paper px-2.5 text-sm ${className}`} {...rest} />
);

export const Check = ({ label, ...rest }: { label: ReactNode } & InputHTMLAttributes<HTMLInputElement>) => (
  <label className="flex min-h-6 items-start gap-2.5 text-sm">
    <input type="checkbox" className="mt-1 size-4" {...rest} />
    <span>{label}</span>
  </label>
);
