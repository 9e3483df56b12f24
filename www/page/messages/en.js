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
  'viewer.screen': 'Picture. Arrow keys go from slice to slice; a question mark lists all keys.',
  'viewer.named': 'Name the file in saved pictures',
  'viewer.preset': 'Window (1 to 4)',
  'viewer.preset.brain': 'Brain',
  'viewer.preset.subdural': 'Subdural',
  'viewer.preset.stroke': 'Stroke',
  'viewer.preset.bone': 'Bone',
  'viewer.preset.stored': 'As stored',
  'viewer.preset.own': 'Own window',
  'viewer.window': 'WL {level} WW {width}',
  'viewer.tone': 'Brightness {brightness}, contrast {contrast} %',
  'viewer.enlarged': '{factor}×',
  'viewer.mirrored': 'mirrored',
  'viewer.tools': 'Tools for the picture',
  'viewer.pan': 'Move the picture (P)',
  'viewer.zoomIn': 'Larger (+)',
  'viewer.zoomOut': 'Smaller (−)',
  'viewer.fit': 'Whole picture, as it was (0)',
  'viewer.mirror': 'Mirror (X)',
  'viewer.save': 'Save the picture (S)',
  'viewer.help': 'Keys and gestures (?)',
  'viewer.close': 'Close',
  'viewer.keys.drag': 'Drag',
  'viewer.help.window': 'Window: to the right wider, downwards darker. Brightness and contrast of pictures',
  'viewer.keys.presets': '1 2 3 4',
  'viewer.help.presets': 'Brain, subdural, stroke and bone window, in Hounsfield units (WL level, WW width)',
  'viewer.keys.wheel': 'Arrow keys, wheel',
  'viewer.help.slices': 'Next or previous slice',
  'viewer.keys.ends': 'Home, End',
  'viewer.help.ends': 'First or last slice',
  'viewer.keys.zoom': '+ −, Ctrl and wheel, two fingers',
  'viewer.help.zoom': 'Larger or smaller',
  'viewer.keys.pan': 'Space or middle button and drag, two fingers',
  'viewer.help.pan': 'Move the picture',
  'viewer.keys.panTool': 'P',
  'viewer.help.panTool': 'Moving instead of the window by dragging, and back',
  'viewer.keys.mirror': 'X',
  'viewer.help.mirror': 'Mirror left and right',
  'viewer.keys.fit': '0',
  'viewer.help.fit': 'Whole picture, not mirrored',
  'viewer.keys.map': 'M',
  'viewer.help.map': 'Map of contributions on or off',
  'viewer.keys.places': 'Shift and arrow keys, pointer',
  'viewer.help.places': 'What one place of the map contributes',
  'viewer.keys.outline': 'O',
  'viewer.help.outline': 'Outline on or off',
  'viewer.keys.save': 'S',
  'viewer.help.save': 'Save what is shown as a PNG picture',
  'answer.headCt': 'Head CT:',
  'map.heading': 'Where',
  'map.toggle': 'What each place contributes to the margin',
  'map.working': 'Being worked out…',
  'map.waiting': 'The slice is being examined…',
  'map.failed': 'There is no map. {reason}',
  'map.foreign':
    'The answer is that of {answered}, and a map would be that of {inUse}. Examine the slice again to have both of one model.',
  'map.again': 'Examine this slice again',
  'map.against': 'against haemorrhage',
  'map.for': 'for haemorrhage',
  'map.opacity': 'Opacity',
  'map.sumFor': 'Places that speak for haemorrhage',
  'map.sumAgainst': 'Places that speak against it',
  'map.sumConstant': 'Constant, of no place',
  'map.sumRounding': 'Rounding between layers',
  'map.sumMargin': 'Margin',
  'map.meaning':
    'The numbers are exact. They say which place of the network’s last map spoke, not where blood is: each place sees a large part of the head, and blood need not be what speaks.',
  'map.placeFor': 'Column {column}, row {row}: {contribution}, for haemorrhage',
  'map.placeAgainst': 'Column {column}, row {row}: {contribution}, against haemorrhage',
  'map.placeSilent': 'Column {column}, row {row}: contributes nothing',
  'saved.probability': 'probability of haemorrhage {probability}',
  'saved.device': 'not a medical device',
  'strip.label': 'Probability of haemorrhage, slice by slice',
  'strip.none': 'No slice is selected',
  'strip.slice': 'Slice {number} of {total}, {name}: {verdict}, {probability}',
  'strip.failed': 'Slice {number} of {total}, {name}: not examined',
  'strip.waiting': 'Slice {number} of {total}, {name}: no answer yet',

  // List, exports and labelled folders

  // Lesson
};
