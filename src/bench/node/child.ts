import { NODE_FIGURES } from './figures';

const definition = NODE_FIGURES.find(({ name }) => name === process.argv[2]);
if (!definition) throw new Error(`there is no figure ${process.argv[2]}`);
process.send?.(await definition.run());
