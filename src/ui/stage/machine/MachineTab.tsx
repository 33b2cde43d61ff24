export default function MachineTab() { return <p>Machine</p>; }
