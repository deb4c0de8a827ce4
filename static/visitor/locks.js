// When the tablet locks itself. Pure: times come in as milliseconds of the wall clock, nothing is read here,
// and the network plays no part (AT-78).

import { dayOf } from "./days.js";

export const LIMITS = { covered: 10_000, idle: 5 * 60_000, whole: 4 * 3_600_000 };

/** A watch that begins when a person has unlocked. */
export const begun = (now) => ({ unlockedAt: now, touchedAt: now, seenAt: now, coveredAt: null, hidden: false, locked: false });

/**
 * The same watch at a later look. A clock that was set back moves the remembered times with it, so that
 * turning the clock never buys time.
 */
export function seen(watch, now) {
  const back = watch.seenAt - now;
  if (back <= 0) return { ...watch, seenAt: now };
  const moved = (time) => (time === null ? null : time - back);
  return {
    ...watch,
    unlockedAt: moved(watch.unlockedAt),
    touchedAt: moved(watch.touchedAt),
    coveredAt: moved(watch.coveredAt),
    seenAt: now,
  };
}

/** "full" (the key goes), "re" (the page is emptied, the code opens it) or null. `watch` as given by seen(). */
export function due(watch, now) {
  if (now - watch.unlockedAt >= LIMITS.whole || dayOf(now) !== dayOf(watch.unlockedAt)) return "full";
  if (watch.locked) return null;
  const covered = watch.coveredAt !== null && now - watch.coveredAt >= LIMITS.covered;
  return watch.hidden || covered || now - watch.touchedAt >= LIMITS.idle ? "re" : null;
}
