export default function MatrixTab() { return <p>Matrix</p>; }
