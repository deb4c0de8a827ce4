// A page that is somebody's does not stay on a screen after the sign-in behind it has ended. By the clock on the wall:
// a computer that slept has not counted. What was typed is sent to be kept first; it is given back after signing in.

const page = globalThis.document?.querySelector("meta[name=idle]"); // Node has none
const minutes = Number(page?.content);
const since = Date.now();
let over = false;

/** Has a page that came at a moment stood for so many minutes? All times in milliseconds. */
export const isOver = (came, now, quiet) => quiet > 0 && (now - came >= quiet * 60_000 || now < came - 60_000);

function look() {
  if (over || !isOver(since, Date.now(), minutes)) return;
  over = true;
  const form = [...document.querySelectorAll("form[data-typed]")].find(isTyped);
  // By its attribute: a field of the form is called action as well.
  const typed = form && { action: form.getAttribute("action"), fields: new URLSearchParams(new FormData(form)) };
  close(typed);
}

// Does anything in a form stand otherwise than it came?
const isTyped = (form) =>
  [...form.elements].some((one) =>
    one.type === "checkbox" || one.type === "radio" ? one.checked !== one.defaultChecked
      : one.tagName === "SELECT" ? [...one.options].some((option) => option.selected !== option.defaultSelected) && one.selectedIndex > 0
        : "defaultValue" in one && one.type !== "hidden" && one.value !== one.defaultValue,
  ) || "restored" in form.dataset;

// Nothing of the page is left, neither in sight nor in the document.
function close(typed) {
  const text = document.createElement("p");
  const way = document.createElement("a");
  const main = document.createElement("main");
  const title = document.createElement("h1");
  title.textContent = page.dataset.title;
  text.textContent = page.dataset.text;
  way.textContent = page.dataset.way;
  way.className = "btn primary";
  way.href = location.pathname + location.search;
  main.id = "main";
  main.append(title, text, way);
  document.body.replaceChildren(main);
  document.body.dataset.idle = "over";
  if (typed) keep(typed, way, text);
}

// Until it is kept it is in this page's memory, which says so, and pressing tries again.
async function keep(typed, way, text) {
  const said = document.createElement("p");
  said.role = "status";
  text.after(said);
  typed.fields.set("keep", "1");
  const send = async () => {
    const answer = await fetch(typed.action, { method: "POST", body: typed.fields }).catch(() => null);
    const kept = Boolean(answer?.ok);
    if (kept) way.href = answer.url;
    said.textContent = kept ? page.dataset.kept : page.dataset.waits;
    return kept;
  };
  let sending = send();
  way.addEventListener("click", async (event) => {
    event.preventDefault();
    if (!(await sending)) sending = send();
    if (await sending) location.assign(way.href);
  });
}

if (minutes) {
  setInterval(look, 5_000);
  for (const [target, name] of [[document, "visibilitychange"], [window, "pageshow"], [window, "focus"]]) target.addEventListener(name, look);
}
