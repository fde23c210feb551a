import { nextTick } from 'vue';

/* Prints the slip that stands on the page and nothing beside it (style/print.css). */
export async function printSlip(): Promise<void> {
  document.body.classList.add('slip-alone');
  await nextTick();
  window.print();
  document.body.classList.remove('slip-alone');
}
