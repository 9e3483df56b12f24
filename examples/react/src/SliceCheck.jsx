import { classify, init } from 'haemolens';
import { useEffect, useId, useRef, useState } from 'react';

/** Asks for a CT slice and says what the classifier makes of it. */
export function SliceCheck() {
  const [state, setState] = useState({ phase: 'idle' });
  const id = useId();
  /** Which file was chosen last: answers to earlier ones come too late. */
  const latest = useRef(null);

  // Loads the module while the visitor looks for a file. What fails here fails again, and is said, later.
  useEffect(() => {
    init().catch(() => {});
  }, []);

  async function examine(file) {
    latest.current = file;
    setState({ phase: 'busy' });
    const next = await classify(file).then(
      (answer) => ({ phase: 'done', answer }),
      (error) => ({ phase: 'failed', error }),
    );
    if (latest.current === file) setState(next);
  }

  return (
    <section>
      <label htmlFor={id}>CT slice</label>{' '}
      <input id={id} type="file" onChange={({ target }) => target.files[0] && examine(target.files[0])} />
      <p role="status">{sentence(state)}</p>
    </section>
  );
}

function sentence({ phase, answer, error }) {
  switch (phase) {
    case 'busy':
      return 'Examining …';
    case 'failed':
      return error.message;
    case 'done': {
      const warning = answer.inDistribution ? '' : ' (does not look like a head CT)';
      return `${answer.label}, probability ${answer.probability.toFixed(3)}${warning}`;
    }
    default:
      return 'No slice yet. Nothing leaves this machine.';
  }
}
