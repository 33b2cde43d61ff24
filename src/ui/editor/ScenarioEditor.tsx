import { useEffect } from 'react';
import { useStore } from 'zustand';
import { editorStore, followSession } from '../../store/editor';
import { useStatus } from '../kit/stores';
import { Waiting } from '../kit/Waiting';
import { EditorPane } from './EditorPane';
import './editor.css';

/** The editor in the script’s place: always the text of the script that is open. */
export default function ScenarioEditor() {
  const id = useStatus(({ scenario }) => scenario?.id ?? null);
  const file = useStore(editorStore, (state) => state.file);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another session has another text
  useEffect(() => void followSession(), [id]);
  return file ? <EditorPane key={file.opening} file={file} /> : <Waiting what="Fetching the text" />;
}
