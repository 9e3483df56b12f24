/** The page in English: the language that has every key. */
export default {
  // General
  'page.title': 'haemolens: haemorrhage on brain CT, in your browser',

  // Look
  'theme.label': 'Appearance',
  'theme.auto': 'Auto',
  'theme.dark': 'Dark',
  'theme.light': 'Light',
  'status.anotherTry': 'another try',

  // Viewer and map

  // List, exports and labelled folders

  // Lesson
};
