/** La page en français. */
export default {
  // General
  'page.title': 'haemolens : hémorragie au scanner cérébral, dans votre navigateur',

  // Look
  'theme.label': 'Apparence',
  'theme.auto': 'Auto',
  'theme.dark': 'Sombre',
  'theme.light': 'Clair',
  'status.anotherTry': 'un nouvel essai',

  // Viewer and map

  // List, exports and labelled folders

  // Lesson
};
