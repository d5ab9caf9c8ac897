import React, { useState } from 'react';

interface IProps {
  readonly className: string;
  readonly label: string;
  readonly title: string;
  readonly value: number;
  readonly minimum?: number;
  /** Whether the number is still being sent to the server. */
  readonly saving: boolean;
  readonly onChange: (value: number) => void;
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: -1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10
};

/** A number input. A typed number takes effect on Enter, or when the input loses the focus. */
export function Count(props: IProps): React.JSX.Element {
  const { className, label, title, value, minimum = 0, saving, onChange } = props;
  const [draft, setDraft] = useState<string | null>(null);

  const change = (wanted: number): void => {
    setDraft(null);
    const allowed = Math.max(minimum, wanted);
    if (allowed !== value) {
      onChange(allowed);
    }
  };
  const typed = draft === null || draft === '' ? value : Number(draft);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step !== undefined) {
      event.preventDefault();
      change(typed + step);
    } else if (event.key === 'Enter') {
      change(typed);
    } else if (event.key === 'Escape') {
      setDraft(null);
    }
  };

  return (
    <input
      className={className}
      role="spinbutton"
      inputMode="numeric"
      autoComplete="off"
      aria-label={label}
      aria-valuemin={minimum}
      aria-valuenow={value}
      aria-busy={saving}
      title={title}
      maxLength={6}
      value={draft ?? value}
      onBlur={() => {
        change(typed);
      }}
      onChange={event => {
        setDraft(event.target.value.replace(/\D/g, ''));
      }}
      onFocus={event => {
        event.target.select();
      }}
      onKeyDown={onKeyDown}
    />
  );
}
