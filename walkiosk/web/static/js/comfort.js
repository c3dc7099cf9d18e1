// What makes the page easier, for whoever stands here now: nothing of it is kept for the next one.

export const CHOICES = {
  size: ["normal", "large", "largest"],
  colours: ["standard", "contrast", "dark"],
  scan: ["off", "one", "two"],
};
export const SWITCHES = ["captions", "voice", "read", "still", "digits"];
export const PACES = [0.8, 1.2, 1.6, 2, 2.5, 3, 4, 6, 8]; // s that the frame of the switch control stays

const prefers = (query) => matchMedia(`(prefers-${query})`).matches;

/** What the machine's own settings ask for. */
function usual() {
  const colours = prefers("contrast: more") ? "contrast" : prefers("color-scheme: dark") ? "dark" : "standard";
  const still = prefers("reduced-motion: reduce");
  return { size: "normal", colours, captions: false, voice: true, read: false, still, digits: true, scan: "off", pace: 2 };
}

/** `changed(name, value)` is called for whatever is set. */
export function makeComfort({ changed }) {
  let settings = usual();
  mark();

  function mark() {
    const { size, colours, captions, still, scan } = settings;
    const classes = document.documentElement.classList;
    for (const each of CHOICES.size) classes.toggle(each, each === size && each !== "normal");
    for (const each of CHOICES.colours) classes.toggle(each, each === colours && each !== "standard");
    classes.toggle("captioned", captions);
    classes.toggle("motionless", still);
    classes.toggle("scanned", scan !== "off");
  }

  function set(name, value) {
    if (settings[name] === value) return;
    settings = { ...settings, [name]: value };
    if (name === "read" && value) set("voice", true);
    mark();
    changed(name, value);
  }

  return {
    get: (name) => settings[name],
    set,
    next: (name) => set(name, CHOICES[name][(CHOICES[name].indexOf(settings[name]) + 1) % CHOICES[name].length]),
    forget: () => Object.entries(usual()).forEach(([name, value]) => set(name, value)),
  };
}
