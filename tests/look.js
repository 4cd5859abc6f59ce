// What the accessibility tests ask of a page; put into it as window.look.
window.look = (() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const probe = canvas.getContext('2d', { willReadFrequently: true });

  /** Any CSS colour as red, green, blue and alpha from 0 to 255. */
  function rgba(color) {
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = color;
    probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data];
  }

  const isShown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

  /** The controls that the keyboard has to reach, in the order in which they stand on the page. */
  function controls() {
    const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
    // Of a group of radio buttons the keyboard reaches the chosen one.
    const isReached = ({ type, checked }) => type !== 'radio' || checked;
    return [...all].filter((element) => !element.disabled && element.tabIndex >= 0 && isReached(element) && isShown(element));
  }

  /** What draws the frame of a focused control: itself, or what wraps it. */
  function frame(element) {
    return [element, element.parentElement].find((box) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(box);
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    });
  }

  /** The focused control: its place among all, its frame's colour, and whether something covers it. */
  function focused() {
    const element = document.activeElement;
    const { x, y, width, height } = element.getBoundingClientRect();
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    const framing = frame(element);
    return {
      what: element.outerHTML.slice(0, 120),
      index: controls().indexOf(element),
      frame: framing ? rgba(getComputedStyle(framing).outlineColor) : null,
      covered: !top || !(element.closest('label') ?? element).contains(top) && !top.contains(element),
    };
  }

  const opacity = (element) => (element ? getComputedStyle(element).opacity * opacity(element.parentElement) : 1);
  const ownTexts = (element) => [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());

  function place(element) {
    if (element.matches('input, select')) return element.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(ownTexts(element)[0]);
    return range.getBoundingClientRect();
  }

  /** Every shown element with text of its own: its colour, its opacity, its place on the page. */
  function texts(selector) {
    const without = 'option, svg, script, style, noscript, :disabled, .visually-hidden, .skip-link';
    const found = [...document.querySelectorAll(selector)]
      .filter((element) => ownTexts(element).length || element.matches('[type=number], select'))
      .filter((element) => isShown(element) && !element.closest(without));
    return found
      .map((element) => {
        const { x, y, width, height } = place(element);
        return {
          text: (element.textContent.trim() || element.id).slice(0, 40),
          color: rgba(getComputedStyle(element).color),
          opacity: opacity(element),
          box: [x + scrollX, y + scrollY, width, height].map(Math.round),
        };
      })
      .filter(({ box: [, , width, height] }) => width && height);
  }

  return { rgba, controls, frame, focused, texts };
})();
