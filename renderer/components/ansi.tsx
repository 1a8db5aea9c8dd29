import { memo } from 'react';
import { segmentsOf } from './ansi-segments.ts';

/** Colours of a terminal as spans; text nodes only. */
export const AnsiText = memo(function AnsiText({ text }: { text: string }) {
  if (!text.includes('\u001b')) return text;
  return segmentsOf(text).map((segment, index) => (
    <span
      // Parts of one line have no identity but their place.
      // oxlint-disable-next-line react/no-array-index-key
      key={index}
      style={segment.style ?? undefined}
    >
      {segment.text}
    </span>
  ));
});
