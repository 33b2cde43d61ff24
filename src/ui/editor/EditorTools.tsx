import type { EditorView } from '@codemirror/view';
import { FileDown, FileInput, RotateCcw, X } from 'lucide-react';
import type { RefObject } from 'react';
import { useStore } from 'zustand';
import { fileName } from '../../store/draftName';
import { closeEditor, editorStore, type OpenFile, renameFile, takeEarlier } from '../../store/editor';
import { pickScenario } from '../files/pickScenario';
import { offerFile } from '../share/download';
import { replaceText } from './view';

interface Props {
  readonly file: OpenFile;
  readonly view: RefObject<EditorView | null>;
}

/** The file’s name, and what can be done with it as a whole. */
export function EditorTools({ file, view }: Props) {
  const changed = useStore(editorStore, ({ text }) => text !== file.original);
  const earlier = useStore(editorStore, (state) => state.earlier);
  const put = (text: string): void => {
    if (view.current) replaceText(view.current, text);
    view.current?.focus();
  };
  const save = (): void => {
    const { text } = editorStore.getState();
    offerFile(new Blob([text], { type: 'application/yaml' }), fileName(text));
  };
  const read = async (): Promise<void> => {
    const picked = await pickScenario();
    if (!picked) return;
    renameFile(picked.name);
    put(picked.text);
  };
  return (
    <header className="editor-head">
      <h2 className="editor-name" title={file.name}>
        {file.name}
      </h2>
      <div className="editor-tools" role="toolbar" aria-label="The file">
        <Tool label="Open a file" icon={FileInput} onPress={() => void read()} />
        <Tool label="Save as a file" icon={FileDown} onPress={save} />
        <Tool
          label={file.from ? 'Discard changes' : 'Back to how it was opened'}
          icon={RotateCcw}
          disabled={!changed}
          onPress={() => put(file.original)}
        />
        <Tool label="Close the editor" icon={X} onPress={closeEditor} />
      </div>
      {!file.asWritten && (
        <p className="editor-note">
          Only this script’s data came with its link, so its text was written anew, without comments.
        </p>
      )}
      {earlier && (
        <p className="editor-note">
          <span>This browser has kept a version that you edited before.</span>
          <button
            type="button"
            className="button button-small"
            onClick={() => {
              const text = takeEarlier();
              if (text !== null) put(text);
            }}
          >
            Go on with it
          </button>
        </p>
      )}
    </header>
  );
}

interface ToolProps {
  readonly label: string;
  readonly icon: typeof X;
  readonly disabled?: boolean;
  readonly onPress: () => void;
}

const Tool = ({ label, icon: Icon, disabled = false, onPress }: ToolProps) => (
  <button
    type="button"
    className="button button-quiet button-icon"
    aria-label={label}
    title={label}
    disabled={disabled}
    onClick={onPress}
  >
    <Icon aria-hidden />
  </button>
);
