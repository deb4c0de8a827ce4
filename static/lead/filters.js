// The list is filtered as soon as a choice is made; without this module the button does it.

const form = document.querySelector("[data-filters]");

if (form) {
  form.querySelector("button").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}
