import { execFile } from 'node:child_process';
import { readDockerConfig } from './docker-config.ts';

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
  /** Docker's name for a token that is exchanged instead of a password. */
  readonly identitytoken?: string;
}

/** Names under which the docker command stores what belongs to Docker Hub. */
const hubNames = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io'];

/**
 * The user's credentials for one registry, and only for that one: from `credHelpers`, `credsStore` or `auths` of the docker
 * command's configuration. Null where the user has none.
 */
export async function registryCredentials(
  host: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RegistryCredentials | null> {
  const config = readDockerConfig(env);
  const names = hubNames.includes(host)
    ? hubNames
    : [host, `https://${host}`, `https://${host}/v1/`, `https://${host}/v2/`];
  for (const name of names) {
    const helper = config.credHelpers?.[name] ?? config.credsStore;
    const found = (helper && (await fromHelper(helper, name, env))) || fromAuth(config.auths?.[name]);
    if (found) return found;
  }
  return null;
}

function fromAuth(
  entry: { readonly auth?: string; readonly identitytoken?: string } | undefined,
): RegistryCredentials | null {
  if (!entry?.auth) return null;
  const text = Buffer.from(entry.auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon <= 0) return null;
  return {
    username: text.slice(0, colon),
    password: text.slice(colon + 1).replace(/\0+$/, ''),
    identitytoken: entry.identitytoken,
  };
}

/** `docker-credential-NAME get`: the registry goes in by standard input. */
function fromHelper(
  helper: string,
  registry: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryCredentials | null> {
  return new Promise(resolve => {
    const child = execFile(
      `docker-credential-${helper}`,
      ['get'],
      { env, timeout: 10_000 },
      (error, stdout) => {
        resolve(error ? null : parseHelperAnswer(stdout));
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(registry);
  });
}

function parseHelperAnswer(text: string): RegistryCredentials | null {
  try {
    const answer = JSON.parse(text) as { Username?: string; Secret?: string };
    if (!answer.Secret) return null;
    // By the helpers' convention this user name marks a token.
    if (answer.Username === '<token>') return { username: '', password: '', identitytoken: answer.Secret };
    return { username: answer.Username ?? '', password: answer.Secret };
  } catch {
    return null;
  }
}
