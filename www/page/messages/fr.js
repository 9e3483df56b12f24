/** La page en français. */
export default {
  // General
  'page.title': 'haemolens : hémorragie au scanner cérébral, dans votre navigateur',

  // Viewer and map

  // List, exports and labelled folders

  // Lesson
};
