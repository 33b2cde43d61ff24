import { dispatch } from './dispatch';

process.exitCode = dispatch(process.argv.slice(2), {
  line: (text) => console.log(text),
  error: (text) => console.error(text),
});
