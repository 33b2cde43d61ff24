import type { Refusal, Reply } from './protocol';

export const fine = <T>(value: T): Reply<T> => ({ ok: true, value });

export const refused = (
  title: string,
  message: string,
  where: string | null = null,
): { ok: false; refusal: Refusal } => ({ ok: false, refusal: { title, message, where } });

export const BUSY = refused('One thing at a time', 'The machine is still at work; cancel that first.');
