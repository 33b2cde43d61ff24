export default function WalkTab() { return <p>Walk</p>; }
