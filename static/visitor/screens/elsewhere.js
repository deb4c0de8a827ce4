// A second tab or window: only one may write, so this one waits.

import { clone } from "../dom.js";

export async function show(app) {
  app.mount(clone("elsewhere"));
}
