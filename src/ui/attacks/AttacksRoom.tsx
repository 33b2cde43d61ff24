/** Attack × technology. */
export default function AttacksRoom() {
  return <h2>Attacks</h2>;
}
