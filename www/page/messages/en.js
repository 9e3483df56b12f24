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
  'slices.files': { one: '{count} file', other: '{count} files' },
  'slices.haemorrhages': { one: '{count} with haemorrhage', other: '{count} with haemorrhage' },
  'slices.unlike': { one: '{count} not like a head CT', other: '{count} not like a head CT' },
  'slices.failed': { one: '{count} not examined', other: '{count} not examined' },
  'slices.stop': 'Stop',
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
  'forget.forThis': {
    one:
      'This page has cut itself off from the network. For {what} it must be loaded anew, and then forgets ' +
      'the {count} slice in its list.',
    other:
      'This page has cut itself off from the network. For {what} it must be loaded anew, and then forgets ' +
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
    'Open to this site’s own server, until the classifier is on its way. No file is read before it is closed.',
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
  'status.anotherTry': 'another try',

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
  'list.show': 'Slices that are shown',
  'list.order': 'Order of the slices',
  'list.orderCame': 'As they came',
  'list.orderProbability': 'Highest probability first',
  'list.nameFilter': 'Part of a name',
  'list.nameFilterLabel': 'Show only slices whose name or folder contains',
  'list.filterAll': 'All ({count})',
  'list.filterHaemorrhage': 'Haemorrhage ({count})',
  'list.filterNormal': 'Normal ({count})',
  'list.filterInconclusive': 'Inconclusive ({count})',
  'list.filterUnlike': 'Not like a head CT ({count})',
  'list.filterFailed': 'Not examined ({count})',
  'list.held': 'Rows hold still while you are among them',
  'list.nothing': 'No slice is like that.',
  'list.progress': '{done} of {total} examined',
  'list.fewSecondsLeft': 'a few seconds left',
  'list.secondsLeft': { one: 'about {count} s left', other: 'about {count} s left' },
  'list.minutesLeft': { one: 'about {count} minute left', other: 'about {count} minutes left' },
  'export.title': 'Take the results along',
  'export.copy': 'Copy as CSV',
  'export.copied': 'Copied',
  'export.copiedAloud': 'The results were copied as a table.',
  'export.copyRefused': 'Copying was refused',
  'export.csv': 'Save as CSV',
  'export.json': 'Save as JSON',
  'export.print': 'Print report',
  'export.saved': 'The results were handed to the browser to be saved.',
  'export.withNames': 'With file names',
  'export.namesMay': 'they may name patients',
  'export.namesWhy': 'File names may give away a patient’s name. Without them slices are numbered as they came.',
  'report.title': 'Brain CT examined by haemolens',
  'report.notice': 'Research software, not a medical device: never base a diagnosis on it.',
  'report.date': 'Date',
  'report.model': 'Model',
  'report.counts': 'Slices',
  'report.slices': { one: '{count} slice', other: '{count} slices' },
  'report.pictures': 'Slices with the highest probability of haemorrhage',
  'report.rows': 'All slices, highest probability first',
  'report.slice': 'Slice',
  'report.verdict': 'Answer',
  'report.probability': 'Probability',
  'report.margin': 'Margin (threshold)',
  'report.failed': 'Not examined: {error}',
  'report.pending': 'Not yet examined',
  'labels.read': { one: '{name}: {count} label read.', other: '{name}: {count} labels read.' },
  'labels.addFiles': 'Now add the files that they are about.',
  'labels.tooLarge':
    '{name} is larger than 16 MB and was not read: no table of labels is that long. Leave out columns that are not needed.',
  'labels.unreadable': '{name} could not be read. Check that it is still there, and add it again.',
  'labels.noColumns':
    '{name} has no labels: its first line should name a column “file” and a column “label” (haemorrhage or normal, 1 or 0).',
  'labels.areAnswers':
    '{name} holds answers of a model, not labels: its column “label” is what the model said. Put what is true into a column “trueLabel”.',
  'labels.unknownValues': {
    one: '{name}: line {line} says “{value}”, which is neither haemorrhage nor normal. The line was left out.',
    other: '{name}: {count} lines say neither haemorrhage nor normal, the first in line {line}: “{value}”. They were left out.',
  },
  'labels.missing': {
    one: '{name}: {count} line names a file that was not added: {files}.',
    other: '{name}: {count} lines name files that were not added: {files}.',
  },
  'labels.ambiguous': {
    one: '{name}: {count} line names a file that several match: {files}. Write its folder before the name.',
    other: '{name}: {count} lines name files that several match: {files}. Write their folders before the names.',
  },
  'labels.contradictory': {
    one: '{name}: {count} line contradicts an earlier one: {files}. The file has no label.',
    other: '{name}: {count} lines contradict earlier ones: {files}. These files have no label.',
  },
  'evaluation.title': 'Against the labels that came with the slices',
  'evaluation.matrix': 'Confusion matrix',
  'evaluation.calledHaemorrhage': 'called haemorrhage',
  'evaluation.calledNormal': 'called normal',
  'evaluation.isHaemorrhage': 'is haemorrhage',
  'evaluation.isNormal': 'is normal',
  'evaluation.sensitivity': 'Sensitivity',
  'evaluation.specificity': 'Specificity',
  'evaluation.accuracy': 'Accuracy',
  'evaluation.ppv': 'PPV',
  'evaluation.npv': 'NPV',
  'evaluation.auc': 'AUC',
  'evaluation.undefined': 'not defined',
  'evaluation.interval': '{value} ({low} to {high})',
  'evaluation.intervals':
    'In brackets 95 % intervals: Wilson’s, and DeLong’s for the AUC. Predictive values (PPV, NPV) hold where haemorrhages are as frequent as here.',
  'evaluation.rocCaption':
    'ROC curve: sensitivity (upwards) over 1 − specificity. The dot is the model’s own threshold.',
  'evaluation.rocLabel': 'ROC curve, area under it {auc}',
  'evaluation.compared': {
    one: '{count} labelled slice compared, answered by {model}.',
    other: '{count} labelled slices compared, answered by {model}.',
  },
  'evaluation.inconclusive': {
    one: '{count} of them was inconclusive; it counts by its label.',
    other: '{count} of them were inconclusive; they count by their labels.',
  },
  'evaluation.unlike': {
    one: '{count} of them was not taken for a head CT; it counts all the same.',
    other: '{count} of them were not taken for a head CT; they count all the same.',
  },
  'evaluation.pending': {
    one: '{count} labelled slice has no answer yet.',
    other: '{count} labelled slices have no answer yet.',
  },
  'evaluation.failed': {
    one: '{count} labelled slice could not be examined and does not count.',
    other: '{count} labelled slices could not be examined and do not count.',
  },
  'evaluation.byOthers': {
    one: '{count} labelled slice was answered by another model and does not count.',
    other: '{count} labelled slices were answered by another model and do not count.',
  },
  'evaluation.warning':
    'Slices of one patient are alike, so that true intervals are wider than these. Figures on images that the model was trained on flatter it.',
  'labels.fileInLine': '{file} (line {line})',
  'study.title': 'Examination as a whole',
  'study.number': 'Examination {number}',
  'study.noAnswer': 'No answer',
  'study.waiting': 'More slices are being examined; the answer follows.',
  'study.basis': { one: 'From {count} slice that counts.', other: 'From {count} slices that count.' },
  'study.highestSlice': 'This model has not learned whole examinations: its highest slice answers.',
  'study.failed': {
    one: '{count} file beside them could not be read.',
    other: '{count} files beside them could not be read.',
  },
  'study.inconclusive':
    'Inconclusive: the answer lies so near the threshold that it could as well have gone the other way.',
  'study.unlike': 'Nothing in it is taken for a CT of a head.',
  'study.byOthers': {
    one: '{count} slice was answered by another model and does not count. Examine it again.',
    other: '{count} slices were answered by another model and do not count. Examine them again.',
  },
  'study.leading': 'Slices that carry it:',
  'study.go': 'Go to slice {number}, probability {probability}',
  'study.seriesSummary': { one: '{count} series, {left} left out', other: '{count} series, {left} left out' },
  'study.series': 'Series {number}:',
  'study.slices': { one: '{count} slice', other: '{count} slices' },
  'study.thickness': '{millimetres} mm',
  'study.used': 'counts, {probability} by itself',
  'study.leftOut': 'left out: {why}',
  'study.duplicates': {
    one: '{count} slice that is there twice was left out',
    other: '{count} slices that are there twice were left out',
  },
  'study.kindStandard': 'brain',
  'study.kindPictures': 'pictures',
  'study.kindThin': 'thin slices',
  'study.kindBone': 'bone kernel',
  'study.kindContrast': 'with contrast agent',
  'study.kindDynamic': 'repeated at the same places',
  'study.kindReformat': 'reformat',
  'study.kindLocaliser': 'localiser',
  'study.kindNotHeadCt': 'not a head CT',

  // Lesson
};
