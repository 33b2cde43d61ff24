/** A scenario file, turned into plain data at build time (vite.config.ts). Check it against the schema before use. */
declare module '*.scenario.yaml' {
  const data: unknown;
  export default data;
}

/** The same file as text, comments and all. */
declare module '*.scenario.yaml?raw' {
  const text: string;
  export default text;
}
