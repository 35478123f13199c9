// Waiting, and saying when something was.

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
});
const units = [["second", 1], ["minute", 60], ["hour", 3600], ["day", 86400]];

/** Waits, at least until somebody looks at the page. Rejects when the signal aborts. */
export async function pause(ms, signal) {
  await new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal.aborted) {
      abort();
    } else {
      signal.addEventListener("abort", abort, { once: true });
    }
  });
  await visible(signal);
}

/** Waits until the page is looked at. */
export async function visible(signal) {
  while (document.hidden) {
    await new Promise((resolve, reject) => {
      document.addEventListener("visibilitychange", resolve, { once: true });
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  signal.throwIfAborted();
}

/** "3 min. ago". */
export function ago(instant) {
  const seconds = (Date.parse(instant) - Date.now()) / 1000;
  const [unit, length] = units.findLast(([, length]) => Math.abs(seconds) >= length) ?? units[0];
  return relative.format(Math.round(seconds / length), unit);
}

/** "31 Jan 2026, 12:00:00", where the reader is. */
export const moment = instant => exact.format(new Date(instant));

/** "850 ms", "1.5 s", "2 min 3 s", "1 h 5 min". */
export function duration(seconds) {
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }

  if (seconds < 60) {
    return `${Number(seconds.toFixed(1))} s`;
  }

  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Between two instants; null while there is no end. */
export const between = (from, to) => from && to ? duration((Date.parse(to) - Date.parse(from)) / 1000) : null;
