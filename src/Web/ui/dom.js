// Making elements. What is not an element becomes text: nothing here can turn a string into HTML.

/** An element. Properties are attributes, but "onclick" and the like are functions, and "grow" is the flex-grow. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith("on")) {
      element[name] = value;
    } else if (name === "grow") {
      element.style.flexGrow = value; // A style attribute would be refused by the Content-Security-Policy.
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }

  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Makes the children of an element like new ones, changing as little as possible, so that focus, selection and what
 * was opened stay when a page is refreshed.
 */
export function patch(element, children) {
  const old = [...element.childNodes];
  children.forEach((child, i) => {
    if (!old[i]) {
      element.append(child);
    } else if (!isLike(old[i], child)) {
      old[i].replaceWith(child);
    } else if (child.nodeType === Node.TEXT_NODE) {
      if (old[i].data !== child.data) {
        old[i].data = child.data;
      }
    } else {
      patchElement(old[i], child);
    }
  });
  old.slice(children.length).forEach(node => node.remove());
}

const handlers = ["onclick", "onsubmit", "onchange", "ontoggle"];

function patchElement(old, now) {
  for (const { name, value } of [...now.attributes]) {
    if (name !== "style" && old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }

  for (const { name } of [...old.attributes]) {
    if (!now.hasAttribute(name) && !["open", "data-kept"].includes(name)) { // What the reader opened stays open.
      old.removeAttribute(name);
    }
  }

  old.style.flexGrow = now.style.flexGrow;
  handlers.forEach(name => { old[name] = now[name]; });
  if (!old.hasAttribute("data-kept")) { // Filled when it was opened; the same facts never change.
    patch(old, [...now.childNodes]);
  }
}

const isLike = (one, other) =>
  one.nodeType === other.nodeType && one.nodeName === other.nodeName && one.dataset?.key === other.dataset?.key;
