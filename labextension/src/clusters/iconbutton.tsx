import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

interface IProps {
  readonly className: string;
  readonly icon: LabIcon;
  readonly label: string;
  readonly onClick: () => void;
  readonly title: string;
}

/** A button with an icon. The label names the cluster or job; the title may leave it out. */
export function IconButton(props: IProps): React.JSX.Element {
  const { className, icon, label, onClick, title } = props;
  return (
    <button
      type="button"
      className={`jp-AfLab-iconButton ${className}`}
      aria-label={label}
      title={title}
      onClick={onClick}
    >
      <icon.react tag="span" width="20px" height="20px" />
    </button>
  );
}
