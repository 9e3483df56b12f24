/** The page in English: the language that has every key. */
export default {
  // General
  'page.title': 'haemolens: haemorrhage on brain CT, in your browser',

  // Viewer and map

  // List, exports and labelled folders

  // Lesson
};
