import start, { OpenFile } from 'haemolens/module';
import {
  Classifier,
  type Classification,
  type ModelCard,
  type StudyAnswer,
  classify,
  init,
  isSupported,
  phantom,
} from 'haemolens';

/** Every value that the package exports; the test holds it against those that are there. */
export const exported: Record<keyof typeof import('haemolens'), true> = {
  Classifier: true,
  classify: true,
  init: true,
  isSupported: true,
  phantom: true,
};

export async function use(file: File, bytes: Uint8Array): Promise<Classification> {
  if (!isSupported()) throw new Error('no vectors');
  await init(new URL('https://example.org/haemolens_bg.wasm'));
  await init(await WebAssembly.compile(bytes.slice()));
  const classifier = await Classifier.load(new Blob([]));
  const card: ModelCard = classifier.modelCard;
  const answers: StudyAnswer[] = await classifier.classifyStudy([file, { name: card.name, content: bytes }]);
  const all: Classification[] = await classifier.classifyAll(bytes.buffer);
  const { slice } = await classifier.examine(file, all.length);
  const { contributions } = await classifier.explain(file);
  const total: number = slice.grey.length + contributions.length + answers.length;
  classifier.free();
  await start();
  new OpenFile(await phantom('subdural')).free();
  const answer = await classify(bytes);
  const label: 'haemorrhage' | 'normal' = answer.label;
  return { ...answer, label, margin: total };
}

// What must not compile.

// @ts-expect-error A path is no content.
void classify('slice.png');
// @ts-expect-error Classifiers are loaded.
void new Classifier();
// @ts-expect-error There is no such phantom.
void phantom('epidural');
