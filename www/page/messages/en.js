/** The page in English: the language that has every key. */
export default {
  // The language itself
  'language.name': 'English',
  'language.direction': 'ltr',
  'language.choice': 'Language',

  // General
  'page.title': 'haemolens: haemorrhage on brain CT, in your browser',
  'page.description': 'Classifies brain CT slices as haemorrhage or normal, entirely in your browser.',
  'page.tagline': 'Haemorrhage on brain CT, read in your browser',
  'page.disclaimer': 'Research software, not a medical device: never base a diagnosis on it.',
  'page.withoutScripts': 'This page needs JavaScript: the classifier runs in it.',
  'update.ready': 'A new version of this page is ready.',
  'update.load': 'Load it',

  // Quantities; the numbers themselves are written as the language does
  'quantity.percent': '{number} %',
  'quantity.less': '< {quantity}',
  'quantity.more': '> {quantity}',
  'quantity.milliseconds': '{number} ms',
  'quantity.seconds': '{number} s',
  'quantity.megabytes': '{number} MB',

  // The model, and how far it is
  'model.choice': 'Model',
  'model.loaded': 'Model loaded',
  'model.inUse': '{model} is in use from now on.',
  'status.begun': 'Starting…',
  'status.late': 'If nothing follows, this browser is too old for the classifier.',
  'status.loading': 'Loading the model…',
  'status.loadingSome': 'Loading the model: {received}',
  'status.loadingOf': 'Loading the model: {received} of {total}',
  'status.ready': 'Model ready',
  'status.unreachable': 'The model could not be loaded. Check the connection, then try again.',
  'status.fetching': 'Loading {model}: {received} of {total}',
  'status.starting': 'Starting {model}…',
  'status.failed': '{model} could not be loaded. {cause} {inUse} stays in use.',
  'status.checkConnection': 'Check the connection, then try again.',
  'status.cancel': 'Cancel',
  'status.retry': 'Try again',

  // Files and samples
  'intake.heading': 'Add slices',
  'intake.invitation': 'Drop CT slices here',
  'intake.hint':
    'DICOM, PNG, JPEG, WebP, BMP or TIFF. Many files, whole folders and ZIPs are welcome; a picture can ' +
    'also be pasted.',
  'intake.files': 'Choose files',
  'intake.folder': 'Choose a folder',
  'intake.privacy': 'Your files stay on this computer: nothing is uploaded.',
  'intake.privacyShort': 'Your files stay on this computer.',
  'intake.letGo': 'Let go to examine',
  'samples.heading': 'No slice at hand? Try a drawn one',
  'samples.normal': 'Normal',
  'samples.intraparenchymal': 'Intra\u00adparenchymal',
  'samples.subdural': 'Subdural',

  // The picture
  'picture.heading': 'Picture of the slice',
  'picture.nothing': 'No picture',
  'picture.outline': 'Outline of what the network sees',
  'picture.of': 'The slice {name}',
  'picture.size': '{width} × {height} pixels',
  'picture.shownSize': '{width} × {height} pixels, shown at {shownWidth} × {shownHeight}',

  // The answer
  'label.haemorrhage': 'Haemorrhage',
  'label.normal': 'Normal',
  'verdict.unlike': '{label}, but not like a head CT',
  'verdict.inconclusive': '{label}, inconclusive',
  'findings.heading': 'Findings',
  'result.heading': 'Result',
  'result.waiting': 'Waiting…',
  'result.running': 'Being examined…',
  'result.failed': 'This file could not be examined. What to do is said below.',
  'result.meansLittle': 'What is said below was worked out all the same, but means little.',
  'result.probability': 'probability of haemorrhage',
  'result.inconclusive': 'Inconclusive.',
  'result.inconclusiveWhy':
    'The answer lies so near the threshold that it could as well have gone the other way. Do not rely on it.',
  'result.threshold': 'threshold {threshold}',
  'result.scale': 'Probability {probability}',
  'result.scaleWithThreshold': 'Probability {probability}, threshold {threshold}',
  'result.margin': 'Margin',
  'result.marginAndThreshold': '{margin} (threshold {threshold})',
  'result.headCt': 'Head CT',
  'result.likeHeadCt': 'looks like one (distance {distance}, limit {limit})',
  'result.unlikeHeadCt': 'does not look like one (distance {distance}, limit {limit})',
  'result.time': 'Time',
  'result.stages': 'reading {reading}, cropping {cropping}, network {network}',
  'result.scores': 'Scores',
  'result.bothScores': 'haemorrhage {haemorrhage}, normal {normal}',
  'result.model': 'Model',
  'result.before': 'Before',
  'result.earlier': '{verdict}, {probability}',
  'result.earlierBy': 'by {model}',

  // The slices
  'slices.heading': 'Slices',
  'slices.progress': 'Slices examined',
  'slices.done': '{done} of {total} examined',
  'slices.files': { one: '{count} file', other: '{count} files' },
  'slices.haemorrhages': { one: '{count} with haemorrhage', other: '{count} with haemorrhage' },
  'slices.unlike': { one: '{count} not like a head CT', other: '{count} not like a head CT' },
  'slices.failed': { one: '{count} not examined', other: '{count} not examined' },
  'slices.stop': 'Stop',
  'slices.copy': 'Copy as CSV',
  'slices.copied': 'Copied',
  'slices.copyRefused': 'Copying was refused',
  'slices.clear': 'Clear',
  'slices.again': {
    one: 'Examine {count} slice again with {model}',
    other: 'Examine {count} slices again with {model}',
  },
  'slice.ofSeveral': '{name} ({number} of {total})',
  'slice.waiting': 'Waiting',
  'slice.running': 'Examining…',
  'slice.failed': 'Not examined: {error}',
  'slice.byModel': '{verdict} ({model})',
  'slice.probability': 'Probability of haemorrhage',
  'slice.inWords': '{name}, {state}',
  'slice.answerInWords': '{name}, {verdict}, {probability} probability of haemorrhage',

  // What is read aloud
  'announce.finished': 'Finished: {summary}.',
  'announce.answer': '{name}: {verdict}, probability of haemorrhage {probability}.',
  'announce.doubted': '{name}: {reason} {verdict}, probability of haemorrhage {probability}.',
  'announce.failed': '{name} could not be examined. {problem}',
  'announce.empty': 'The list is empty.',
  'announce.copied': 'The results were copied as a table.',

  // What went wrong, by the errors' names. Other languages say this above the module's own sentence,
  // which is in English and knows more
  'problems.label': 'Files not examined',
  'problems.heading': 'Not examined',
  'error.UnsupportedFormat':
    'This file is of no kind that is read here. Export the slice as DICOM, PNG or JPEG.',
  'error.CorruptImage':
    'This file is damaged, cut short, or holds no usable slice. Copy or export it again.',
  'error.TooLarge': 'This file is larger than what is read here. Export it smaller, or in parts.',
  'error.EmptyInput': 'This file is empty. Copy or export it again.',
  'error.UnsupportedTransferSyntax':
    'This DICOM file is compressed in a way that is not read here. Export it uncompressed, or with JPEG 2000.',
  'error.NoPixelData': 'This DICOM file holds no picture. Choose one that does.',
  'error.SeveralSlices': 'This file holds several slices where one was expected. Add them one by one.',
  'error.CorruptModel':
    'The model file is damaged or of another version. Try again; if it stays so, tell whoever runs this site.',
  'error.UnsupportedBrowser':
    'This browser cannot run the classifier. Open the page in a current Chrome, Edge, Firefox (114 or ' +
    'later) or Safari (16.4 or later).',
  'error.Internal': 'Something went wrong in the program itself. Load the page again, or leave this file out.',
  'problem.stopped':
    'The classifier stopped unexpectedly while it read this file, and has been started again. The other ' +
    'files are not affected. Leave this one out, or export it again in another format.',
  'problem.tooMany':
    'The file that this is from holds {slices} slices or more; at most {most} of one file are examined. ' +
    'Unpack or split it, and add a part.',
  'problem.damagedClassifier':
    'The classifier arrived damaged. Load the page again; if it stays so, tell whoever runs this site.',
  'problem.damagedModel':
    'The file arrived damaged or cut short. Try again; if it stays so, tell whoever runs this site.',

  // Loading anew
  'forget.forModel': {
    one:
      'This page has cut itself off from the network. For {model} it must be loaded anew, and then forgets ' +
      'the {count} slice in its list.',
    other:
      'This page has cut itself off from the network. For {model} it must be loaded anew, and then forgets ' +
      'the {count} slices in its list.',
  },
  'forget.forVersion': {
    one:
      'This page has cut itself off from the network. For its new version it must be loaded anew, and then ' +
      'forgets the {count} slice in its list.',
    other:
      'This page has cut itself off from the network. For its new version it must be loaded anew, and then ' +
      'forgets the {count} slices in its list.',
  },
  'forget.agree': { one: 'Forget {count} slice and load', other: 'Forget {count} slices and load' },
  'forget.keep': 'Stay here',

  // The model's card
  'card.summary': 'About this model',
  'card.loading': 'Still loading…',
  'card.model': 'Model',
  'card.data': 'Trained on',
  'card.protocol': 'Protocol',
  'card.licence': 'Licence',
  'card.onPatients': 'On patients it has not seen',
  'card.onStudies': 'On whole studies of such patients',
  'card.onExternal': 'On images from elsewhere',
  'card.onPaper': 'After the paper’s split',
  'card.figures': 'Figures',
  'card.measuredAs': 'Measured as: {protocol}',
  'card.figure': '{figure} {value}',
  'card.figureWithInterval': '{figure} {value} (95 % interval {low} to {high})',
  'card.accuracy': 'Accuracy',
  'card.auc': 'Area under the ROC curve',
  'card.aucWithinFolds': 'Area under the ROC curve, pairs of the same fold',
  'card.brier': 'Brier score',
  'card.calibrationError': 'Calibration error',
  'card.inconclusiveShare': 'Share of inconclusive answers',
  'card.meanSquaredError': 'Mean squared error',
  'card.sensitivity': 'Sensitivity',
  'card.sensitivityAt90Specificity': 'Sensitivity at 90 % specificity',
  'card.specificity': 'Specificity',
  'card.marginCorrelationStored': 'Correlation of the stored model’s margins',
  'card.sameLabelStored': 'Share of labels that the stored model keeps',

  // Privacy
  'privacy.loading': 'Privacy: the page is being loaded',
  'privacy.summary': {
    one: 'Privacy: {count} request since the page was loaded',
    other: 'Privacy: {count} requests since the page was loaded',
  },
  'privacy.requests': 'Requests since the page was loaded',
  'privacy.stopped': 'Attempts that the policy stopped',
  'privacy.connection': 'Connection',
  'privacy.open':
    'Open to this site’s own server, until the classifier is here. No file is read before it is closed.',
  'privacy.closed':
    'Closed: this page has told the browser to refuse it any connection, also to its own server, until it ' +
    'is loaded anew.',
  'privacy.kept': 'Stored',
  'privacy.keptWhat':
    'This site’s own files and models, for use without a connection. Nothing of your slices: closing the ' +
    'page forgets them.',
  'privacy.check':
    'The browser itself counts these, in the page and in its workers. Do not take the page’s word for it:',
  'privacy.look':
    'Open the developer tools (F12), choose Network, and examine a slice: nothing appears there.',
  'privacy.cut':
    'Cut the network, by the plug or by the developer tools, and examine a slice: the answer is the same.',
  'privacy.single':
    'Use the single file haemolens.html, which never has a connection, from its first byte on.',
  'privacy.limits':
    'What no page can promise: its policy cannot keep a script from leading the browser to another ' +
    'address. This page has no such script, runs none but its own, and follows no address but its own.',

  // Look
  'theme.label': 'Appearance',
  'theme.auto': 'Auto',
  'theme.dark': 'Dark',
  'theme.light': 'Light',

  // Viewer and map

  // List, exports and labelled folders

  // Lesson
};
