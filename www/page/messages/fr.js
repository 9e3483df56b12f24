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
  'slices.files': { one: '{count} fichier', other: '{count} fichiers' },
  'slices.haemorrhages': { one: '{count} avec hémorragie', other: '{count} avec hémorragie' },
  'slices.unlike': {
    one: '{count} ne ressemblant pas à un scanner de la tête',
    other: '{count} ne ressemblant pas à un scanner de la tête',
  },
  'slices.failed': { one: '{count} non examiné', other: '{count} non examinés' },
  'slices.stop': 'Arrêter',
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
  'slice.answerInWords': '{name}, {verdict}, {probability} de probabilité d’hémorragie',

  // What is read aloud
  'announce.finished': 'Terminé\u00a0: {summary}.',
  'announce.answer': '{name}\u00a0: {verdict}, probabilité d’hémorragie {probability}.',
  'announce.doubted': '{name}\u00a0: {reason} {verdict}, probabilité d’hémorragie {probability}.',
  'announce.failed': '{name} n’a pas pu être examiné. {problem}',
  'announce.empty': 'La liste est vide.',

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
  'forget.forThis': {
    one:
      'Cette page s’est coupée du réseau. Pour {what}, elle doit être rechargée, et oublie alors la ' +
      'coupe de sa liste.',
    other:
      'Cette page s’est coupée du réseau. Pour {what}, elle doit être rechargée, et oublie alors les ' +
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
    'Ouverte vers le serveur de ce site, jusqu’à ce que le classificateur soit en route. Aucun fichier n’est lu ' +
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

  // Look
  'theme.label': 'Apparence',
  'theme.auto': 'Auto',
  'theme.dark': 'Sombre',
  'theme.light': 'Clair',
  'status.anotherTry': 'un nouvel essai',

  // Viewer and map
  'viewer.screen': 'Image. Les flèches passent d’une coupe à l’autre ; le point d’interrogation donne toutes les touches.',
  'viewer.named': 'Nommer le fichier dans les images enregistrées',
  'viewer.preset': 'Fenêtre (1 à 4)',
  'viewer.preset.brain': 'Cerveau',
  'viewer.preset.subdural': 'Sous-dural',
  'viewer.preset.stroke': 'AVC',
  'viewer.preset.bone': 'Os',
  'viewer.preset.stored': 'D’origine',
  'viewer.preset.own': 'Personnalisée',
  'viewer.window': 'WL {level} WW {width}',
  'viewer.tone': 'Luminosité {brightness}, contraste {contrast} %',
  'viewer.enlarged': '{factor}×',
  'viewer.mirrored': 'en miroir',
  'viewer.tools': 'Outils de l’image',
  'viewer.pan': 'Déplacer l’image (P)',
  'viewer.zoomIn': 'Agrandir (+)',
  'viewer.zoomOut': 'Réduire (−)',
  'viewer.fit': 'Image entière, comme au début (0)',
  'viewer.mirror': 'Miroir (X)',
  'viewer.save': 'Enregistrer l’image (S)',
  'viewer.help': 'Touches et gestes (?)',
  'viewer.close': 'Fermer',
  'viewer.keys.drag': 'Glisser',
  'viewer.help.window': 'Fenêtre : plus large vers la droite, plus sombre vers le bas. Luminosité et contraste des images simples',
  'viewer.keys.presets': '1 2 3 4',
  'viewer.help.presets': 'Fenêtre cerveau, sous-durale, AVC ou os, en unités Hounsfield (WL niveau, WW largeur)',
  'viewer.keys.wheel': 'Flèches, molette',
  'viewer.help.slices': 'Coupe suivante ou précédente',
  'viewer.keys.ends': 'Début, Fin',
  'viewer.help.ends': 'Première ou dernière coupe',
  'viewer.keys.zoom': '+ −, Ctrl et molette, deux doigts',
  'viewer.help.zoom': 'Agrandir ou réduire',
  'viewer.keys.pan': 'Espace ou bouton du milieu et glisser, deux doigts',
  'viewer.help.pan': 'Déplacer l’image',
  'viewer.keys.panTool': 'P',
  'viewer.help.panTool': 'Glisser pour déplacer au lieu de régler la fenêtre, et retour',
  'viewer.keys.mirror': 'X',
  'viewer.help.mirror': 'Inverser la gauche et la droite',
  'viewer.keys.fit': '0',
  'viewer.help.fit': 'Image entière, sans miroir',
  'viewer.keys.map': 'M',
  'viewer.help.map': 'Afficher ou masquer la carte des contributions',
  'viewer.keys.places': 'Maj et flèches, pointeur',
  'viewer.help.places': 'Contribution d’un endroit de la carte',
  'viewer.keys.outline': 'O',
  'viewer.help.outline': 'Afficher ou masquer le contour',
  'viewer.keys.save': 'S',
  'viewer.help.save': 'Enregistrer ce qui est affiché en image PNG',
  'answer.headCt': 'Scanner de la tête :',
  'map.heading': 'Où',
  'map.toggle': 'Contribution de chaque endroit à la marge',
  'map.working': 'Calcul en cours…',
  'map.waiting': 'La coupe est en cours d’examen…',
  'map.failed': 'Il n’y a pas de carte. {reason}',
  'map.foreign':
    'La réponse est celle de {answered}, la carte serait celle de {inUse}. Examinez à nouveau la coupe pour avoir les deux du même modèle.',
  'map.again': 'Examiner à nouveau cette coupe',
  'map.against': 'contre une hémorragie',
  'map.for': 'pour une hémorragie',
  'map.opacity': 'Opacité',
  'map.sumFor': 'Endroits en faveur d’une hémorragie',
  'map.sumAgainst': 'Endroits qui parlent contre',
  'map.sumConstant': 'Constante, d’aucun endroit',
  'map.sumRounding': 'Arrondi entre les couches',
  'map.sumMargin': 'Marge',
  'map.meaning':
    'Les nombres sont exacts. Ils disent quel endroit de la dernière carte du réseau a parlé, non où se trouve du sang : chaque endroit voit une grande partie de la tête, et ce n’est pas forcément le sang qui parle.',
  'map.placeFor': 'Colonne {column}, ligne {row} : {contribution}, pour une hémorragie',
  'map.placeAgainst': 'Colonne {column}, ligne {row} : {contribution}, contre une hémorragie',
  'map.placeSilent': 'Colonne {column}, ligne {row} : aucune contribution',
  'saved.probability': 'probabilité d’hémorragie {probability}',
  'saved.device': 'n’est pas un dispositif médical',
  'strip.label': 'Probabilité d’hémorragie, coupe par coupe',
  'strip.none': 'Aucune coupe n’est choisie',
  'strip.slice': 'Coupe {number} sur {total}, {name} : {verdict}, {probability}',
  'strip.failed': 'Coupe {number} sur {total}, {name} : non examinée',
  'strip.waiting': 'Coupe {number} sur {total}, {name} : pas encore de réponse',

  // List, exports and labelled folders
  'list.show': 'Coupes affichées',
  'list.order': 'Ordre des coupes',
  'list.orderCame': 'Ordre d’arrivée',
  'list.orderProbability': 'Probabilité décroissante',
  'list.nameFilter': 'Partie d’un nom',
  'list.nameFilterLabel': 'N’afficher que les coupes dont le nom ou le dossier contient',
  'list.filterAll': 'Toutes ({count})',
  'list.filterHaemorrhage': 'Hémorragie ({count})',
  'list.filterNormal': 'Normal ({count})',
  'list.filterInconclusive': 'Non concluant ({count})',
  'list.filterUnlike': 'Ne ressemble pas à un scanner crânien ({count})',
  'list.filterFailed': 'Non examinées ({count})',
  'list.held': 'Les lignes restent en place tant que vous y êtes',
  'list.nothing': 'Aucune coupe ne correspond.',
  'list.progress': '{done} sur {total} examinées',
  'list.fewSecondsLeft': 'encore quelques secondes',
  'list.secondsLeft': { one: 'encore {count} s environ', other: 'encore {count} s environ' },
  'list.minutesLeft': { one: 'encore {count} minute environ', other: 'encore {count} minutes environ' },
  'export.title': 'Emporter les résultats',
  'export.copy': 'Copier en CSV',
  'export.copied': 'Copié',
  'export.copiedAloud': 'Les résultats ont été copiés sous forme de tableau.',
  'export.copyRefused': 'Copie refusée',
  'export.csv': 'Enregistrer en CSV',
  'export.json': 'Enregistrer en JSON',
  'export.print': 'Imprimer le compte rendu',
  'export.saved': 'Les résultats ont été remis au navigateur pour enregistrement.',
  'export.withNames': 'Avec les noms de fichiers',
  'export.namesMay': 'ils peuvent nommer des patients',
  'export.namesWhy':
    'Les noms de fichiers peuvent révéler le nom d’un patient. Sans eux, les coupes sont numérotées par ordre d’arrivée.',
  'report.title': 'Scanner cérébral examiné par haemolens',
  'report.notice':
    'Logiciel de recherche, pas un dispositif médical : ne fondez jamais un diagnostic sur lui.',
  'report.date': 'Date',
  'report.model': 'Modèle',
  'report.counts': 'Coupes',
  'report.slices': { one: '{count} coupe', other: '{count} coupes' },
  'report.pictures': 'Coupes à la probabilité d’hémorragie la plus élevée',
  'report.rows': 'Toutes les coupes, par probabilité décroissante',
  'report.slice': 'Coupe',
  'report.verdict': 'Réponse',
  'report.probability': 'Probabilité',
  'report.margin': 'Marge (seuil)',
  'report.failed': 'Non examinée : {error}',
  'report.pending': 'Pas encore examinée',
  'labels.read': { one: '{name} : {count} étiquette lue.', other: '{name} : {count} étiquettes lues.' },
  'labels.addFiles': 'Ajoutez maintenant les fichiers concernés.',
  'labels.tooLarge':
    '{name} dépasse 16 Mo et n’a pas été lu : aucun tableau d’étiquettes n’est si long. Retirez les colonnes inutiles.',
  'labels.unreadable': '{name} n’a pas pu être lu. Vérifiez qu’il est toujours là et ajoutez-le de nouveau.',
  'labels.noColumns':
    '{name} ne contient pas d’étiquettes : sa première ligne doit nommer une colonne « file » et une colonne « label » (haemorrhage ou normal, 1 ou 0).',
  'labels.areAnswers':
    '{name} contient les réponses d’un modèle, pas des étiquettes : sa colonne « label » est ce que le modèle a dit. Mettez la vérité dans une colonne « trueLabel ».',
  'labels.unknownValues': {
    one: '{name} : la ligne {line} dit « {value} », ni hémorragie ni normal. Elle a été ignorée.',
    other: '{name} : {count} lignes ne disent ni hémorragie ni normal, la première étant la ligne {line} : « {value} ». Elles ont été ignorées.',
  },
  'labels.missing': {
    one: '{name} : {count} ligne nomme un fichier qui n’a pas été ajouté : {files}.',
    other: '{name} : {count} lignes nomment des fichiers qui n’ont pas été ajoutés : {files}.',
  },
  'labels.ambiguous': {
    one: '{name} : {count} ligne nomme un fichier auquel plusieurs correspondent : {files}. Écrivez son dossier devant le nom.',
    other: '{name} : {count} lignes nomment des fichiers auxquels plusieurs correspondent : {files}. Écrivez leurs dossiers devant les noms.',
  },
  'labels.contradictory': {
    one: '{name} : {count} ligne en contredit une autre : {files}. Le fichier reste sans étiquette.',
    other: '{name} : {count} lignes en contredisent d’autres : {files}. Ces fichiers restent sans étiquette.',
  },
  'evaluation.title': 'Comparaison aux étiquettes fournies avec les coupes',
  'evaluation.matrix': 'Matrice de confusion',
  'evaluation.calledHaemorrhage': 'dit hémorragie',
  'evaluation.calledNormal': 'dit normal',
  'evaluation.isHaemorrhage': 'est hémorragie',
  'evaluation.isNormal': 'est normal',
  'evaluation.sensitivity': 'Sensibilité',
  'evaluation.specificity': 'Spécificité',
  'evaluation.accuracy': 'Exactitude',
  'evaluation.ppv': 'VPP',
  'evaluation.npv': 'VPN',
  'evaluation.auc': 'AUC',
  'evaluation.undefined': 'non définie',
  'evaluation.interval': '{value} ({low} à {high})',
  'evaluation.intervals':
    'Entre parenthèses, les intervalles à 95 % : de Wilson, et de DeLong pour l’AUC. Les valeurs prédictives (VPP, VPN) valent là où les hémorragies sont aussi fréquentes qu’ici.',
  'evaluation.rocCaption':
    'Courbe ROC : sensibilité (vers le haut) selon 1 − spécificité. Le point est le seuil propre du modèle.',
  'evaluation.rocLabel': 'Courbe ROC, aire sous la courbe {auc}',
  'evaluation.compared': {
    one: '{count} coupe étiquetée comparée, réponse de {model}.',
    other: '{count} coupes étiquetées comparées, réponses de {model}.',
  },
  'evaluation.inconclusive': {
    one: '{count} d’entre elles était non concluante ; elle compte selon sa réponse.',
    other: '{count} d’entre elles étaient non concluantes ; elles comptent selon leur réponse.',
  },
  'evaluation.unlike': {
    one: '{count} d’entre elles n’a pas été prise pour un scanner crânien ; elle compte quand même.',
    other: '{count} d’entre elles n’ont pas été prises pour un scanner crânien ; elles comptent quand même.',
  },
  'evaluation.pending': {
    one: '{count} coupe étiquetée n’a pas encore de réponse.',
    other: '{count} coupes étiquetées n’ont pas encore de réponse.',
  },
  'evaluation.failed': {
    one: '{count} coupe étiquetée n’a pas pu être examinée et ne compte pas.',
    other: '{count} coupes étiquetées n’ont pas pu être examinées et ne comptent pas.',
  },
  'evaluation.byOthers': {
    one: '{count} coupe étiquetée a été lue par un autre modèle et ne compte pas.',
    other: '{count} coupes étiquetées ont été lues par un autre modèle et ne comptent pas.',
  },
  'evaluation.warning':
    'Les coupes d’un même patient se ressemblent : les vrais intervalles sont plus larges. Les images sur lesquelles le modèle a été entraîné le flattent.',
  'labels.fileInLine': '{file} (ligne {line})',
  'study.title': 'L’examen dans son ensemble',
  'study.number': 'Examen {number}',
  'study.noAnswer': 'Pas de réponse',
  'study.waiting': 'D’autres coupes sont en cours d’examen ; la réponse suivra.',
  'study.basis': {
    one: 'D’après {count} coupe prise en compte.',
    other: 'D’après {count} coupes prises en compte.',
  },
  'study.highestSlice': 'Ce modèle n’a pas appris d’examens entiers : sa coupe la plus élevée répond.',
  'study.failed': {
    one: '{count} fichier voisin n’a pas pu être lu.',
    other: '{count} fichiers voisins n’ont pas pu être lus.',
  },
  'study.inconclusive': 'Non concluant : la réponse est si proche du seuil qu’elle aurait pu être l’inverse.',
  'study.unlike': 'Rien n’y est pris pour un scanner crânien.',
  'study.byOthers': {
    one: '{count} coupe a été lue par un autre modèle et ne compte pas. Examinez-la de nouveau.',
    other: '{count} coupes ont été lues par un autre modèle et ne comptent pas. Examinez-les de nouveau.',
  },
  'study.leading': 'Coupes déterminantes :',
  'study.go': 'Aller à la coupe {number}, probabilité {probability}',
  'study.seriesSummary': { one: '{count} série, {left} écartée', other: '{count} séries, {left} écartées' },
  'study.series': 'Série {number} :',
  'study.slices': { one: '{count} coupe', other: '{count} coupes' },
  'study.thickness': '{millimetres} mm',
  'study.used': 'prise en compte, {probability} à elle seule',
  'study.leftOut': 'écartée : {why}',
  'study.duplicates': { one: '{count} coupe en double écartée', other: '{count} coupes en double écartées' },
  'study.kindStandard': 'cerveau',
  'study.kindPictures': 'images',
  'study.kindThin': 'coupes fines',
  'study.kindBone': 'filtre osseux',
  'study.kindContrast': 'avec produit de contraste',
  'study.kindDynamic': 'répétée aux mêmes positions',
  'study.kindReformat': 'reformation',
  'study.kindLocaliser': 'topogramme',
  'study.kindNotHeadCt': 'pas un scanner crânien',

  // Lesson
};
