/**
 * What is in English whatever the visitor's language: sentences of the module and of its models. They
 * are marked, so that they are read aloud as what they are.
 */
import { language } from './messages.js';

/** @returns {boolean}  Whether the page speaks English. */
export function speaksEnglish() {
  return language().split('-')[0] === 'en';
}

/**
 * Marks an element as English where the page is not.
 *
 * @param {HTMLElement} element
 */
export function markEnglish(element) {
  if (speaksEnglish()) {
    element.removeAttribute('lang');
    element.removeAttribute('dir');
  } else {
    element.lang = 'en';
    element.dir = 'ltr';
  }
}

/**
 * An English sentence on its own.
 *
 * @param {string} sentence
 * @returns {HTMLElement}
 */
export function englishSentence(sentence) {
  const element = document.createElement('span');
  element.textContent = sentence;
  markEnglish(element);
  return element;
}

/**
 * The page's words with an English sentence in their midst, to be put into an element.
 *
 * @param {string} words
 * @param {string} sentence  As it stands in the words.
 * @returns {(string | HTMLElement)[]}
 */
export function withEnglish(words, sentence) {
  const at = words.indexOf(sentence);
  return [words.slice(0, at), englishSentence(sentence), words.slice(at + sentence.length)];
}
