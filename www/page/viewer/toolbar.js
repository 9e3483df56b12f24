/** A bar of buttons that is one stop of the Tab key; arrow keys go from button to button. */

/** @param {HTMLElement} bar  An element of role toolbar. */
export function makeToolbar(bar) {
  const buttons = [...bar.querySelectorAll('button')];
  const enter = (/** @type {HTMLButtonElement} */ entrance) => {
    for (const button of buttons) button.tabIndex = button === entrance ? 0 : -1;
  };
  enter(buttons[0]);
  bar.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLButtonElement) enter(target);
  });
  bar.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const at = buttons.findIndex((button) => button === document.activeElement);
    const forwards = getComputedStyle(bar).direction === 'rtl' ? -1 : 1;
    /** @type {Record<string, number>} */
    const targets = {
      ArrowRight: at + forwards,
      ArrowLeft: at - forwards,
      Home: 0,
      End: buttons.length - 1,
    };
    const target = targets[event.key];
    if (at < 0 || target === undefined) return;
    event.preventDefault();
    buttons[(target + buttons.length) % buttons.length].focus();
  });
}
