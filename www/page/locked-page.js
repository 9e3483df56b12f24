/** Imported ahead of everything else on the page. */
import { lockPage } from './lockdown.js';

lockPage();
