import { forgetAllDrafts, hasDrafts } from "./answer-saver.js";
import { _ } from "./i18n.js";

/** Who signs out leaves nothing on this disk; what the server does not have yet is asked about first. */
function guardSignOut() {
  const form = document.querySelector('form[action="/logout"]');
  form?.addEventListener("submit", (event) => {
    const question = _("Some of your answers have not reached the server yet. Sign out all the same? They would be lost.");
    if (hasDrafts() && !confirm(question)) event.preventDefault();
    else forgetAllDrafts();
  });
}

guardSignOut();
