export default function CacheTab() { return <p>Cache</p>; }
