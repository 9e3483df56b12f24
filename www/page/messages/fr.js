/** La page en français. */
export default {
  // La langue
  'language.name': 'Français',
  'language.direction': 'ltr',
  'language.choice': 'Langue',

  // General
  'page.title': 'haemolens\u00a0: hémorragie au scanner cérébral, dans votre navigateur',
  'page.description':
    'Classe des coupes de scanner cérébral, hémorragie ou normal, entièrement dans votre navigateur.',
  'page.tagline': 'L’hémorragie au scanner cérébral, lue dans votre navigateur',
  'page.disclaimer':
    'Logiciel de recherche, pas un dispositif médical\u00a0: ne fondez jamais un diagnostic sur lui.',
  'page.withoutScripts': 'Cette page a besoin de JavaScript\u00a0: le classificateur s’y exécute.',
  'update.ready': 'Une nouvelle version de cette page est prête.',
  'update.load': 'La charger',

  // Quantities; the numbers themselves are written as the language does
  'quantity.percent': '{number}\u00a0%',
  'quantity.less': '< {quantity}',
  'quantity.more': '> {quantity}',
  'quantity.milliseconds': '{number}\u202fms',
  'quantity.seconds': '{number}\u202fs',
  'quantity.megabytes': '{number}\u202fMo',

  // The model, and how far it is
  'model.choice': 'Modèle',
  'model.loaded': 'Modèle chargé',
  'model.inUse': '{model} est désormais utilisé.',
  'status.begun': 'Démarrage…',
  'status.late': 'Si rien ne suit, ce navigateur est trop ancien pour le classificateur.',
  'status.loading': 'Chargement du modèle…',
  'status.loadingSome': 'Chargement du modèle\u00a0: {received}',
  'status.loadingOf': 'Chargement du modèle\u00a0: {received} sur {total}',
  'status.ready': 'Modèle prêt',
  'status.unreachable': 'Le modèle n’a pas pu être chargé. Vérifiez la connexion, puis réessayez.',
  'status.fetching': 'Chargement de {model}\u00a0: {received} sur {total}',
  'status.starting': 'Démarrage de {model}…',
  'status.failed': '{model} n’a pas pu être chargé. {cause} {inUse} reste utilisé.',
  'status.checkConnection': 'Vérifiez la connexion, puis réessayez.',
  'status.cancel': 'Annuler',
  'status.retry': 'Réessayer',

  // Files and samples
  'intake.heading': 'Ajouter des coupes',
  'intake.invitation': 'Déposez ici des coupes de scanner',
  'intake.hint':
    'DICOM, PNG, JPEG, WebP, BMP ou TIFF. Plusieurs fichiers, des dossiers entiers ou des archives ZIP ' +
    'conviennent\u00a0; une image peut aussi être collée.',
  'intake.files': 'Choisir des fichiers',
  'intake.folder': 'Choisir un dossier',
  'intake.privacy': 'Vos fichiers restent sur cet ordinateur\u00a0: rien n’est envoyé.',
  'intake.privacyShort': 'Vos fichiers restent sur cet ordinateur.',
  'intake.letGo': 'Relâchez pour examiner',
  'samples.heading': 'Pas de coupe sous la main\u00a0? Essayez une coupe dessinée',
  'samples.normal': 'Normal',
  'samples.intraparenchymal': 'Intra\u00adparenchy\u00admateuse',
  'samples.subdural': 'Sous-durale',

  // The picture
  'picture.heading': 'Image de la coupe',
  'picture.nothing': 'Pas d’image',
  'picture.outline': 'Contour de ce que voit le réseau',
  'picture.of': 'La coupe {name}',
  'picture.size': '{width} × {height} pixels',
  'picture.shownSize': '{width} × {height} pixels, affichée en {shownWidth} × {shownHeight}',

  // The answer
  'label.haemorrhage': 'Hémorragie',
  'label.normal': 'Normal',
  'verdict.unlike': '{label}, mais ne ressemble pas à un scanner de la tête',
  'verdict.inconclusive': '{label}, non concluant',
  'findings.heading': 'Constatations',
  'result.heading': 'Résultat',
  'result.waiting': 'En attente…',
  'result.running': 'Examen en cours…',
  'result.failed': 'Ce fichier n’a pas pu être examiné. La marche à suivre est indiquée ci-dessous.',
  'result.meansLittle': 'Ce qui suit a été calculé malgré tout, mais ne signifie pas grand-chose.',
  'result.probability': 'de probabilité d’hémorragie',
  'result.inconclusive': 'Non concluant.',
  'result.inconclusiveWhy':
    'La réponse est si proche du seuil qu’elle aurait aussi bien pu être l’inverse. Ne vous y fiez pas.',
  'result.threshold': 'seuil {threshold}',
  'result.scale': 'Probabilité {probability}',
  'result.scaleWithThreshold': 'Probabilité {probability}, seuil {threshold}',
  'result.margin': 'Marge',
  'result.marginAndThreshold': '{margin} (seuil {threshold})',
  'result.headCt': 'Scanner de la tête',
  'result.likeHeadCt': 'y ressemble (distance {distance}, limite {limit})',
  'result.unlikeHeadCt': 'n’y ressemble pas (distance {distance}, limite {limit})',
  'result.time': 'Durée',
  'result.stages': 'lecture {reading}, recadrage {cropping}, réseau {network}',
  'result.scores': 'Scores',
  'result.bothScores': 'hémorragie {haemorrhage}, normal {normal}',
  'result.model': 'Modèle',
  'result.before': 'Avant',
  'result.earlier': '{verdict}, {probability}',
  'result.earlierBy': 'par {model}',

  // The slices
  'slices.heading': 'Coupes',
  'slices.progress': 'Coupes examinées',
  'slices.done': '{done} sur {total} examinées',
  'slices.files': { one: '{count} fichier', other: '{count} fichiers' },
  'slices.haemorrhages': { one: '{count} avec hémorragie', other: '{count} avec hémorragie' },
  'slices.unlike': {
    one: '{count} ne ressemblant pas à un scanner de la tête',
    other: '{count} ne ressemblant pas à un scanner de la tête',
  },
  'slices.failed': { one: '{count} non examiné', other: '{count} non examinés' },
  'slices.stop': 'Arrêter',
  'slices.copy': 'Copier en CSV',
  'slices.copied': 'Copié',
  'slices.copyRefused': 'La copie a été refusée',
  'slices.clear': 'Vider',
  'slices.again': {
    one: 'Réexaminer {count} coupe avec {model}',
    other: 'Réexaminer {count} coupes avec {model}',
  },
  'slice.ofSeveral': '{name} ({number} sur {total})',
  'slice.waiting': 'En attente',
  'slice.running': 'Examen…',
  'slice.failed': 'Non examiné\u00a0: {error}',
  'slice.byModel': '{verdict} ({model})',
  'slice.probability': 'Probabilité d’hémorragie',
  'slice.inWords': '{name}, {state}',
  'slice.answerInWords': '{name}, {verdict}, probabilité d’hémorragie {probability}',

  // What is read aloud
  'announce.finished': 'Terminé\u00a0: {summary}.',
  'announce.answer': '{name}\u00a0: {verdict}, probabilité d’hémorragie {probability}.',
  'announce.doubted': '{name}\u00a0: {reason} {verdict}, probabilité d’hémorragie {probability}.',
  'announce.failed': '{name} n’a pas pu être examiné. {problem}',
  'announce.empty': 'La liste est vide.',
  'announce.copied': 'Les résultats ont été copiés sous forme de tableau.',

  // What went wrong, by the errors' names
  'problems.label': 'Fichiers non examinés',
  'problems.heading': 'Non examinés',
  'error.UnsupportedFormat':
    'Ce fichier n’est d’aucun format lu ici. Exportez la coupe en DICOM, PNG ou JPEG.',
  'error.CorruptImage':
    'Ce fichier est endommagé, tronqué, ou ne contient aucune coupe utilisable. Copiez-le ou exportez-le ' +
    'de nouveau.',
  'error.TooLarge':
    'Ce fichier dépasse la taille acceptée ici. Exportez-le plus petit, ou en plusieurs parties.',
  'error.EmptyInput': 'Ce fichier est vide. Copiez-le ou exportez-le de nouveau.',
  'error.UnsupportedTransferSyntax':
    'Ce fichier DICOM est comprimé d’une manière qui n’est pas lue ici. Exportez-le sans compression, ou ' +
    'en JPEG 2000.',
  'error.NoPixelData': 'Ce fichier DICOM ne contient pas d’image. Choisissez-en un qui en contient une.',
  'error.SeveralSlices':
    'Ce fichier contient plusieurs coupes alors qu’une seule était attendue. Ajoutez-les une par une.',
  'error.CorruptModel':
    'Le fichier du modèle est endommagé ou d’une autre version. Réessayez\u00a0; si le problème persiste, ' +
    'prévenez le responsable de ce site.',
  'error.UnsupportedBrowser':
    'Ce navigateur ne peut pas exécuter le classificateur. Ouvrez la page dans une version actuelle de ' +
    'Chrome, d’Edge, de Firefox (114 ou plus) ou de Safari (16.4 ou plus).',
  'error.Internal':
    'Une erreur s’est produite dans le programme lui-même. Rechargez la page, ou laissez ce fichier de côté.',
  'problem.stopped':
    'Le classificateur s’est arrêté de façon inattendue en lisant ce fichier, et a été relancé. Les autres ' +
    'fichiers ne sont pas touchés. Laissez celui-ci de côté, ou exportez-le de nouveau dans un autre format.',
  'problem.tooMany':
    'Le fichier d’origine contient {slices} coupes ou plus\u00a0; {most} au plus sont examinées par fichier. ' +
    'Décompressez-le ou divisez-le, et ajoutez-en une partie.',
  'problem.damagedClassifier':
    'Le classificateur est arrivé endommagé. Rechargez la page\u00a0; si le problème persiste, prévenez le ' +
    'responsable de ce site.',
  'problem.damagedModel':
    'Le fichier est arrivé endommagé ou tronqué. Réessayez\u00a0; si le problème persiste, prévenez le ' +
    'responsable de ce site.',

  // Loading anew
  'forget.forModel': {
    one:
      'Cette page s’est coupée du réseau. Pour {model}, elle doit être rechargée, et oublie alors la ' +
      'coupe de sa liste.',
    other:
      'Cette page s’est coupée du réseau. Pour {model}, elle doit être rechargée, et oublie alors les ' +
      '{count} coupes de sa liste.',
  },
  'forget.forVersion': {
    one:
      'Cette page s’est coupée du réseau. Pour sa nouvelle version, elle doit être rechargée, et oublie ' +
      'alors la coupe de sa liste.',
    other:
      'Cette page s’est coupée du réseau. Pour sa nouvelle version, elle doit être rechargée, et oublie ' +
      'alors les {count} coupes de sa liste.',
  },
  'forget.agree': { one: 'Oublier {count} coupe et charger', other: 'Oublier {count} coupes et charger' },
  'forget.keep': 'Rester ici',

  // The model's card
  'card.summary': 'À propos de ce modèle',
  'card.loading': 'Chargement en cours…',
  'card.model': 'Modèle',
  'card.data': 'Entraîné sur',
  'card.protocol': 'Protocole',
  'card.licence': 'Licence',
  'card.onPatients': 'Sur des patients qu’il n’a pas vus',
  'card.onStudies': 'Sur des examens entiers de tels patients',
  'card.onExternal': 'Sur des images d’autres sources',
  'card.onPaper': 'Selon la répartition de l’article',
  'card.figures': 'Chiffres',
  'card.measuredAs': 'Mesuré ainsi\u00a0: {protocol}',
  'card.figure': '{figure} {value}',
  'card.figureWithInterval': '{figure} {value} (intervalle à 95\u00a0% de {low} à {high})',
  'card.accuracy': 'Exactitude',
  'card.auc': 'Aire sous la courbe ROC',
  'card.aucWithinFolds': 'Aire sous la courbe ROC, paires du même pli',
  'card.brier': 'Score de Brier',
  'card.calibrationError': 'Erreur de calibration',
  'card.inconclusiveShare': 'Part de réponses non concluantes',
  'card.meanSquaredError': 'Erreur quadratique moyenne',
  'card.sensitivity': 'Sensibilité',
  'card.sensitivityAt90Specificity': 'Sensibilité à 90\u00a0% de spécificité',
  'card.specificity': 'Spécificité',
  'card.marginCorrelationStored': 'Corrélation des marges du modèle stocké',
  'card.sameLabelStored': 'Part des réponses que le modèle stocké conserve',

  // Privacy
  'privacy.loading': 'Confidentialité\u00a0: la page est en cours de chargement',
  'privacy.summary': {
    one: 'Confidentialité\u00a0: {count} requête depuis le chargement de la page',
    other: 'Confidentialité\u00a0: {count} requêtes depuis le chargement de la page',
  },
  'privacy.requests': 'Requêtes depuis le chargement de la page',
  'privacy.stopped': 'Tentatives arrêtées par la politique de sécurité',
  'privacy.connection': 'Connexion',
  'privacy.open':
    'Ouverte vers le serveur de ce site, jusqu’à ce que le classificateur soit là. Aucun fichier n’est lu ' +
    'avant qu’elle soit fermée.',
  'privacy.closed':
    'Fermée\u00a0: cette page a demandé au navigateur de lui refuser toute connexion, même vers son propre ' +
    'serveur, jusqu’à ce qu’elle soit rechargée.',
  'privacy.kept': 'Conservé',
  'privacy.keptWhat':
    'Les fichiers et les modèles de ce site, pour un usage sans connexion. Rien de vos coupes\u00a0: fermer la ' +
    'page les oublie.',
  'privacy.check':
    'C’est le navigateur lui-même qui compte, dans la page et dans ses «\u00a0workers\u00a0». Ne croyez pas la page ' +
    'sur parole\u00a0:',
  'privacy.look':
    'Ouvrez les outils de développement (F12), choisissez Réseau, et examinez une coupe\u00a0: rien n’y apparaît.',
  'privacy.cut':
    'Coupez le réseau, à la prise ou par les outils de développement, et examinez une coupe\u00a0: la réponse ' +
    'est la même.',
  'privacy.single':
    'Utilisez le fichier unique haemolens.html, qui n’a jamais de connexion, dès son premier octet.',
  'privacy.limits':
    'Ce qu’aucune page ne peut promettre\u00a0: sa politique ne peut pas empêcher un script de mener le ' +
    'navigateur à une autre adresse. Cette page n’a pas de tel script, n’exécute que les siens, et ne suit ' +
    'aucune adresse que la sienne.',

  // Viewer and map

  // List, exports and labelled folders

  // Lesson
};
