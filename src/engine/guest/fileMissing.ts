import { type Outcome, type Rule, refuse } from '../core/fault';

const MISSING: Rule = {
  id: 'guest.file-missing',
  says: 'A dropped file’s bytes travel with the session, named by their SHA-256.',
  source: 'this simulator’s session format',
  standing: 'published',
};

/** A dropped file whose bytes this session does not have. */
export const fileMissing = (name: string, blob: string): Outcome<never> =>
  refuse(
    MISSING,
    'refused',
    `The bytes of ${name} are not here.`,
    { blob },
    'Drop the file again, or open the session file that carries it.',
  );
