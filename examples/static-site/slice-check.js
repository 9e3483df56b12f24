/**
 * `<slice-check>`: a place on a page where a reader can have a CT slice examined. It loads the
 * classifier when a file is chosen, so that the page stays light for everybody else.
 */
class SliceCheck extends HTMLElement {
  connectedCallback() {
    if (this.firstChild) return;
    const label = document.createElement('label');
    const input = document.createElement('input');
    const output = document.createElement('output');
    label.append('CT slice (stays on this machine): ', input);
    input.type = 'file';
    input.addEventListener('change', () => this.examine(input.files[0], output));
    output.setAttribute('aria-live', 'polite');
    this.append(label, ' ', output);
  }

  async examine(file, output) {
    output.value = 'Examining …';
    try {
      const { classify } = await import('./haemolens/index.js');
      const { label, probability } = await classify(file);
      output.value = `${label}, probability ${probability.toFixed(3)}`;
    } catch (error) {
      output.value = error.message;
    }
  }
}

customElements.define('slice-check', SliceCheck);
