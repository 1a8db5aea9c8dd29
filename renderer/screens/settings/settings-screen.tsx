import { shortPath } from '../../text/words.ts';
import { useId, useState, type ReactNode } from 'react';
import { ListState } from '../../components/list-state.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Status } from '../../components/status.tsx';
import type { Settings } from '../../../preload/contract/settings.ts';
import { toFailure } from '../../stores/failure.ts';
import { usePeek, useResource, useStores } from '../../stores/react.ts';

type Patch = Partial<Settings>;
type Save = (patch: Patch) => Promise<string | null>;

/** Each setting is written as soon as it is changed, and says so beside it. */
export function SettingsScreen() {
  const { client, settings, info } = useStores();
  const current = useResource(settings, '');
  const app = usePeek(info, '').data;
  const save: Save = async patch => {
    try {
      const saved = await client.request('settings.update', { patch });
      settings.patch('', () => saved);
      return null;
    } catch (thrown) {
      return toFailure(thrown).message;
    }
  };
  return (
    <main className="main" data-region="Main">
      <header className="head">
        <h1>Settings</h1>
      </header>
      <div className="body">
        <ListState
          of={current}
          who="The engine"
          rows={5}
          onRetry={() => void settings.load('')}
          onStop={() => settings.stopWaiting('')}
        >
          {data => (
            <div className="settings">
              <Theme value={data.theme} save={save} />
              <TextSetting
                title="Node image"
                note="For clusters whose Kind configuration names none. Empty: what kind itself would take."
                placeholder="kindest/node:v1.34.0"
                value={data.kindNodeImage ?? ''}
                save={text => save({ kindNodeImage: text.trim() === '' ? null : text.trim() })}
              />
              <TextSetting
                title="Docker host"
                note="Empty: DOCKER_HOST, else Docker’s own context, else the default socket."
                placeholder="unix:///var/run/docker.sock"
                value={data.dockerHost ?? ''}
                save={text => save({ dockerHost: text.trim() === '' ? null : text.trim() })}
              />
              <TextSetting
                title="Rollout timeout, seconds"
                note="How long Deploy waits for pods to become ready, 10 to 3600."
                placeholder="180"
                number
                value={String(data.rolloutTimeoutSeconds)}
                save={async text => {
                  const seconds = Number(text);
                  if (!Number.isInteger(seconds) || seconds < 10 || seconds > 3600)
                    return 'A whole number from 10 to 3600';
                  return save({ rolloutTimeoutSeconds: seconds });
                }}
              />
              {app !== null && (
                <Setting title="About" note={null}>
                  <dl className="kv">
                    <dt>Version</dt>
                    <dd>{app.version}</dd>
                    <dt>Window</dt>
                    <dd>{app.host === 'electron' ? 'Electron' : 'Browser, on this machine only'}</dd>
                    <dt>Node</dt>
                    <dd>{app.node}</dd>
                    <dt>Own files</dt>
                    <dd className="mono" title={app.home}>
                      {shortPath(app.home, app.userHome)}
                    </dd>
                  </dl>
                </Setting>
              )}
            </div>
          )}
        </ListState>
      </div>
    </main>
  );
}

function Setting({ title, note, children }: { title: string; note: string | null; children: ReactNode }) {
  return (
    <section className="setting" aria-label={title}>
      <h2 className="setting-title">{title}</h2>
      <div>{children}</div>
      {note !== null && <p className="t3">{note}</p>}
    </section>
  );
}

function Theme({ value, save }: { value: Settings['theme']; save: Save }) {
  return (
    <Setting title="Theme" note="System follows light, dark and more contrast as the machine is set.">
      <Segmented
        label="Theme"
        value={value}
        onChange={theme => void save({ theme })}
        options={[
          { value: 'system', label: 'System' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
          { value: 'contrast', label: 'High contrast' },
        ]}
      />
    </Setting>
  );
}

function TextSetting({
  title,
  note,
  placeholder,
  value,
  number = false,
  save,
}: {
  title: string;
  note: string;
  placeholder: string;
  value: string;
  number?: boolean;
  save: (text: string) => Promise<string | null>;
}) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const [said, setSaid] = useState<{ readonly ok: boolean; readonly text: string } | null>(null);
  const commit = async () => {
    if (text === null || text === value) return;
    const error = await save(text);
    setSaid(error === null ? { ok: true, text: 'Saved' } : { ok: false, text: error });
    if (error === null) setText(null);
  };
  return (
    <section className="setting" aria-label={title}>
      <label className="setting-title" htmlFor={id}>
        {title}
      </label>
      <div className="row">
        <span className={number ? 'field number' : 'field'}>
          <input
            id={id}
            type="text"
            inputMode={number ? 'numeric' : 'text'}
            className="mono"
            spellCheck={false}
            placeholder={placeholder}
            value={text ?? value}
            aria-invalid={said?.ok === false}
            onChange={event => {
              setText(event.target.value);
              setSaid(null);
            }}
            onBlur={() => void commit()}
            onKeyDown={event => {
              if (event.key === 'Enter') void commit();
              if (event.key === 'Escape') setText(null);
            }}
          />
        </span>
        <span role="status">
          {said !== null && <Status tone={said.ok ? 'done' : 'bad'}>{said.text}</Status>}
        </span>
      </div>
      <p className="t3">{note}</p>
    </section>
  );
}
