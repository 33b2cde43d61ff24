import { createStore } from 'zustand/vanilla';
import type { PredictAnswer } from '../worker/protocol';

/** What a person guessed before a step, and what the machine said after it. */
export interface Prediction {
  readonly guess: number;
  readonly answer: PredictAnswer | null;
}

export interface PredictionsState {
  /** By `scenario/step`. */
  readonly predictions: Readonly<Record<string, Prediction>>;
}

export const predictionsStore = createStore<PredictionsState>(() => ({ predictions: {} }));

export const predictionKey = (scenario: string, step: number): string => `${scenario}/${step}`;

const put = (key: string, prediction: Prediction): void =>
  predictionsStore.setState(({ predictions }) => ({ predictions: { ...predictions, [key]: prediction } }));

export const guess = (key: string, option: number): void => put(key, { guess: option, answer: null });

export const settle = (key: string, answer: PredictAnswer): void => {
  const prediction = predictionsStore.getState().predictions[key];
  if (prediction) put(key, { ...prediction, answer });
};
