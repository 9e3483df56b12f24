import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { SliceCheck } from './SliceCheck.jsx';

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <SliceCheck />
  </StrictMode>,
);
