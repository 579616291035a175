import { byId, say } from "./elements.js";

const form = byId("together", HTMLFormElement);
const all = byId("choose-all", HTMLInputElement);
const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input[name="chosen"]')]);

/** Says how many are chosen, wherever they were chosen. */
function count() {
  const chosen = boxes.filter((box) => box.checked).length;
  all.checked = chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
  say(byId("chosen-count", HTMLElement), chosen ? ` ${chosen} chosen` : " the chosen ones");
}

all.addEventListener("change", () => {
  for (const box of boxes) box.checked = all.checked;
  count();
});
form.addEventListener("change", (event) => {
  if (event.target !== all) count();
});
byId("all", HTMLElement).hidden = false;
count();
// A browser that goes back fills the form after the scripts have run.
addEventListener("pageshow", count);
