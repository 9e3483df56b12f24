/** La page en français. */
export default {
  // General
  'page.title': 'haemolens : hémorragie au scanner cérébral, dans votre navigateur',

  // Look
  'theme.label': 'Apparence',
  'theme.auto': 'Auto',
  'theme.dark': 'Sombre',
  'theme.light': 'Clair',

  // Viewer and map

  // List, exports and labelled folders

  // Lesson
};
