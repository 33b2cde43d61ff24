export default function AsidsTab() { return <p>Asids</p>; }
