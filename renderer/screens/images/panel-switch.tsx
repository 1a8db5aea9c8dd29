import { Segmented } from '../../components/segmented.tsx';

export type ImagePanel = 'build' | 'layers' | 'run' | 'tags';

/** What the left half below the list shows. */
export function PanelSwitch({
  value,
  onChange,
}: {
  value: ImagePanel;
  onChange: (panel: ImagePanel) => void;
}) {
  return (
    <Segmented
      label="What is shown of the image"
      value={value}
      onChange={onChange}
      options={[
        { value: 'build', label: 'Build' },
        { value: 'layers', label: 'Layers' },
        { value: 'run', label: 'Run' },
        { value: 'tags', label: 'Old tags' },
      ]}
    />
  );
}
