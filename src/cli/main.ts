import { dispatch } from './dispatch';

// A reader that has seen enough (`… | head`) closes the pipe: no reason to complain.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = dispatch(process.argv.slice(2), {
  line: (text) => console.log(text),
  error: (text) => console.error(text),
});
