import { Component, type ReactNode } from 'react';
import './waiting.css';

interface Props {
  readonly what: string;
  readonly children: ReactNode;
}

/** A part of the screen that fails says so and can be tried again; the rest of the screen goes on. */
export class Boundary extends Component<Props, { failed: string | null }> {
  override state = { failed: null };

  static getDerivedStateFromError(error: unknown): { failed: string } {
    return { failed: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { failed } = this.state;
    if (failed === null) return this.props.children;
    return (
      <div className="empty" role="alert">
        <p className="empty-title">{this.props.what} could not be shown</p>
        <p>{failed}</p>
        <button type="button" className="button" onClick={() => this.setState({ failed: null })}>
          Try again
        </button>
      </div>
    );
  }
}
