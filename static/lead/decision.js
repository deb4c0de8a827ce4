// The decision's form: the fields of a change are shown when there is a change. Without this module they always are.

const form = document.querySelector("[data-decision-form]");

function follow() {
  const change = form.elements.decision.value === "change";
  form.querySelector(".when-change").hidden = !change;
  form.elements.level.required = form.elements.reason.required = change;
}

if (form) {
  form.addEventListener("change", follow);
  follow();
}
