import { Icon } from '../../components/icon.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Status } from '../../components/status.tsx';
import type { ImageState } from '../../../preload/contract/images.ts';
import { ProblemList } from '../../components/problem-list.tsx';
import { when } from '../../text/time.ts';
import { count } from '../../text/words.ts';

/** Why it is stale, file by file, and what its tag is made of. */
export function ImageFacts({
  image,
  all,
  now,
}: {
  image: ImageState;
  all: readonly ImageState[];
  now: number;
}) {
  const usedBy = all.filter(other => other.dependsOn.some(dependency => dependency.image === image.name));
  const { reason } = image;
  const hidden = reason === null ? 0 : reason.fileCount - reason.files.length;
  return (
    <section aria-label={`About ${image.name}`}>
      <header>
        <h2 className="h2">{reason === null ? 'About it' : 'Why it is stale'}</h2>
        <span className="grow" />
        <CopyButton label="Copy reference" text={() => image.reference} />
      </header>
      {/* A block that scrolls has to be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="scroll" tabIndex={0} role="group" aria-label={`Facts about ${image.name}`}>
        <div className="facts">
          {image.problems.length > 0 && <ProblemList problems={image.problems} />}
          {reason !== null && (
            <div>
              <p className="wrapping">
                <Status tone="warn">{reason.message}</Status>
              </p>
              {reason.files.length > 0 && (
                <ul className="file-list" aria-label="Changed files">
                  {reason.files.map(file => (
                    <li key={file}>{file}</li>
                  ))}
                  {hidden > 0 && <li className="t3">{`and ${count(hidden, 'more', 'more')}`}</li>}
                </ul>
              )}
            </div>
          )}
          <dl className="kv">
            <dt>Reference</dt>
            <dd className="mono" title={image.reference}>
              {image.reference}
            </dd>
            <dt>Tag from</dt>
            <dd>
              <span className="mono">{`dirhash ${image.algorithm}`}</span> of{' '}
              <span className="mono">{image.context === '.' ? 'the folder' : `${image.context}/`}</span>
            </dd>
            <dt>Digest</dt>
            <dd className="mono" title={image.digest}>
              {image.digest}
            </dd>
            {image.built !== null && (
              <>
                <dt>Built</dt>
                <dd>{when(Date.parse(image.built.createdAt), now)}</dd>
                <dt>Image ID</dt>
                <dd className="mono" title={image.built.id}>
                  {image.built.id}
                </dd>
              </>
            )}
            {image.target !== null && (
              <>
                <dt>Target</dt>
                <dd className="mono">{image.target}</dd>
              </>
            )}
            {image.network !== null && (
              <>
                <dt>Network</dt>
                <dd className="mono">{image.network}</dd>
              </>
            )}
            {Object.entries(image.args).map(([name, value]) => (
              <div key={name} className="contents">
                <dt>Argument</dt>
                <dd className="mono">{`${name}=${value}`}</dd>
              </div>
            ))}
            {image.dependsOn.map(dependency => (
              <div key={`${dependency.line} ${dependency.image}`} className="contents">
                <dt>Needs</dt>
                <dd>
                  <b className="b">{dependency.image}</b>{' '}
                  <span className="t3">{`by ${dependency.via} on line ${dependency.line}`}</span>
                </dd>
              </div>
            ))}
            {usedBy.length > 0 && (
              <>
                <dt>Needed by</dt>
                <dd>{usedBy.map(other => other.name).join(', ')}</dd>
              </>
            )}
          </dl>
          {image.copies.length > 0 && (
            <div>
              <h3>Copied into it</h3>
              <ul aria-label="Copy rules">
                {image.copies.map(rule => (
                  <li key={`${rule.line} ${rule.source} ${rule.target}`} className="row">
                    <span className="mono cut">{`${rule.source}${rule.kind === 'directory' && rule.source !== '.' ? '/' : ''}`}</span>
                    <Icon name="arrow-right" size={12} />
                    <span className="mono cut">{rule.target}</span>
                    <span className="grow" />
                    <span className="t3 nw">{`${rule.instruction}, line ${rule.line}`}</span>
                  </li>
                ))}
              </ul>
            </div>
          )}
        </div>
      </div>
    </section>
  );
}
