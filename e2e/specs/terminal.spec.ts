import { Application } from '../pages/application.ts';
import { createOpener } from '../world/opener.ts';
import { expect, skipWithoutHost, test } from '../world/test.ts';
import { ApplicationWindow } from '../world/window.ts';
import { imagesInDocker, kubectl, output, waitFor } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';

const namespace = `terminals-test-${Math.random().toString(36).slice(2, 8)}`;
const shells = () =>
  kubectl('-n', namespace, 'exec', 'deployment/fastapi', '--', 'sh', '-c', 'cat /proc/[0-9]*/comm');

/** Of a text to what it stands on, as WCAG counts it. */
function contrast(element: Element): number {
  const numbers = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  let ground: Element | null = element;
  let behind = numbers(getComputedStyle(element).backgroundColor);
  while (ground.parentElement !== null && behind[3] === 0) {
    ground = ground.parentElement;
    behind = numbers(getComputedStyle(ground).backgroundColor);
  }
  const light = (colour: number[]) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => {
      const part = (colour[at] ?? 0) / 255;
      return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
  const [a, b] = [light(numbers(getComputedStyle(element).color)), light(behind)].toSorted((x, y) => y - x);
  return ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
}

/** A row, a key, a shell; what was written stays through navigation and reload, and goes on in the pod that comes next. */
test('a terminal into what was deployed', { tag: '@once' }, async ({ host }) => {
  skipWithoutHost(host);
  const opener = await createOpener();
  const window = await ApplicationWindow.open(host, { env: opener.env });
  const app = new Application(window);
  const folder = await ProjectFolder.copyOf('fastapi', 'terminals');
  await folder.edit('ptah.yml', text => `${text}\nnamespace: ${namespace}\n`);
  await kubectl('create', 'namespace', namespace);
  const { page } = app;
  const screen = page.locator('.xterm-rows');
  const terminal = page.getByRole('region', { name: /^Terminal in / });
  const written = (text: RegExp) => page.locator('.xterm-rows > div').filter({ hasText: text });
  const line = async (text: string) => {
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  };
  /** A double click on the first word of a line. */
  const select = async (text: RegExp) => {
    await expect(written(text)).toBeVisible();
    const at = await written(text).boundingBox();
    if (at === null) throw new Error('The line is not on the screen');
    await page.mouse.dblclick(at.x + 20, at.y + at.height / 2);
  };
  try {
    await app.open(folder.root, 'terminals');
    await app.deploy();
    await app.go('Workloads');
    const row = app.main.getByRole('row').filter({ hasText: 'Deployment' });
    await expect(row).toContainText('1 of 1 ready');
    await row.focus();
    await page.keyboard.press('t');
    await expect(terminal).toContainText('bash');
    await expect(screen).toContainText(/[#$]/);

    await line('echo from-$((40+2)) größe; stty size');
    await expect(screen).toContainText('from-42 größe');
    const size = written(/^\d+ \d+\s*$/);
    await expect(size).toBeVisible();
    const [rows, cols] = (await size.innerText()).trim().split(' ');
    expect(Number(rows)).toBeGreaterThan(4);
    expect(Number(cols)).toBeGreaterThan(90);

    // Escape is the shell's, and so are the window's chords
    await line('read -rsn1 key; printf "got-%q\\n" "$key"');
    await page.keyboard.press('Escape');
    await expect(screen).toContainText(String.raw`got-$'\E'`);
    await line('read -rsn1 key; printf "got-%q\\n" "$key"');
    await page.keyboard.press('Control+b');
    await expect(screen).toContainText(String.raw`got-$'\002'`);
    await line('read -rsn1 key; printf "got-%q\\n" "$key"');
    await page.keyboard.press('Control+k');
    await expect(screen).toContainText(String.raw`got-$'\v'`);
    await line('read -rsn1 key; printf "got-%q\\n" "$key"');
    await page.keyboard.press('Control+f');
    await expect(screen).toContainText(String.raw`got-$'\006'`);
    await expect(app.sidebar).toBeVisible();
    await expect(page.getByRole('dialog')).toHaveCount(0);

    // a program that writes for a black background is read on this one, too
    await line(String.raw`clear; printf '\033[38;2;235;235;235mpa''le\033[0m\n'`);
    const pale = page.locator('.xterm-rows span').filter({ hasText: /^pale$/ });
    await expect(pale).toBeVisible();
    expect(await pale.evaluate(contrast)).toBeGreaterThanOrEqual(4.4);

    // what a double click selects is copied, and both pasting keys paste it
    await line('clear; echo copied-$((1+1))word');
    await select(/^copied-2word/);
    await page.keyboard.press('Control+Shift+C');
    await page.keyboard.type('echo one:');
    await page.keyboard.press('Shift+Insert');
    await page.keyboard.type(':two:');
    await page.keyboard.press('Control+Shift+V');
    await page.keyboard.press('Enter');
    await expect(written(/^one:copied-2word:two:copied-2word\s*$/)).toBeVisible();

    // the menu of the right button, and the middle button with what is selected, as Linux has it
    await line('clear; echo other-$((1+2))word');
    await select(/^other-3word/);
    await page.locator('.xterm-screen').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Copy' }).click();
    await page.keyboard.type('echo three:');
    await page.locator('.xterm-screen').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Paste' }).click();
    await page.keyboard.press('Enter');
    await expect(written(/^three:other-3word\s*$/)).toBeVisible();
    await line('clear; echo middle-$((2+2))word');
    await select(/^middle-4word/);
    await page.keyboard.type('echo four:');
    await page.locator('.xterm-screen').click({ button: 'middle' });
    await page.keyboard.press('Enter');
    await expect(written(/^four:middle-4word\s*$/)).toBeVisible();

    // a program that knows no paste would run each line: asked first
    await line('clear; printf "a\\nb\\n"; cat >/dev/null');
    await expect(written(/^b\s*$/)).toBeVisible();
    await page.keyboard.press('Control+Shift+A');
    await page.keyboard.press('Control+Insert');
    await page.keyboard.press('Control+Shift+V');
    await expect(app.dialog(/^Paste \d+ lines\?$/)).toBeVisible();
    await app
      .dialog(/^Paste/)
      .getByRole('button', { name: 'Cancel' })
      .click();
    await expect(page.locator('.xterm-helper-textarea')).toBeFocused();
    await page.keyboard.press('Control+c');

    // an address is a link, opened outside the window; one that is not safe is refused, and said to be
    const press = async (text: RegExp) => {
      const at = await written(text).boundingBox();
      if (at === null) throw new Error('The line is not on the screen');
      await page.mouse.move(at.x + 200, at.y + at.height / 2 + 60);
      await page.mouse.move(at.x + 40, at.y + at.height / 2, { steps: 3 });
      await page.mouse.click(at.x + 40, at.y + at.height / 2);
    };
    await line('clear; echo http://127.0.0.1:4000/page-$((80+8))?a=b');
    await expect(written(/^http:.*page-88/)).toBeVisible();
    await expect(async () => {
      await press(/^http:.*page-88/);
      expect(await opener.opened()).toBe('http://127.0.0.1:4000/page-88?a=b');
    }).toPass({ timeout: 30_000 });
    await line('clear; echo http://elsewhere.test/page-$((90+9))');
    await expect(written(/^http:.*page-99/)).toBeVisible();
    await expect(async () => {
      await press(/^http:.*page-99/);
      await expect(terminal).toContainText('http is only for this machine', { timeout: 1000 });
    }).toPass({ timeout: 30_000 });
    expect(await opener.opened()).toBe('http://127.0.0.1:4000/page-88?a=b');
    await page.locator('.xterm-screen').click();

    // what scrolled away is found
    await line('for i in $(seq 1 300); do echo "row $i of many"; done');
    await expect(written(/^row 300 of many\s*$/)).toBeVisible();
    await page.keyboard.press('Control+Shift+F');
    await page.getByRole('textbox', { name: 'Find' }).fill('row 17 of many');
    await expect(terminal.getByText('1 of 1')).toBeVisible();
    await expect(written(/^row 17 of many\s*$/)).toBeVisible();
    await page.keyboard.press('Escape');
    await line('echo kept-$((50+5))');
    await expect(screen).toContainText('kept-55');

    // F6 leaves it, and no other screen ends it
    await page.keyboard.press('F6');
    await expect(page.locator('.xterm-helper-textarea')).not.toBeFocused();
    await app.go('Images');
    await expect(screen).toContainText('kept-55');
    await page.reload();
    await page.getByRole('tab', { name: /Terminal/ }).click();
    await expect(screen).toContainText('kept-55');
    await line('echo after-$((60+6))');
    await expect(screen).toContainText('after-66');

    const pod = await kubectl('-n', namespace, 'get', 'pods', '-o', 'name');
    await kubectl('-n', namespace, 'delete', pod, '--wait=false');
    await expect(screen).toContainText('Now in pod', { timeout: 90_000 });
    await line('echo again-$((70+7))');
    await expect(screen).toContainText('again-77');
    expect(await shells()).toContain('bash');
    await terminal.getByRole('button', { name: 'End the shell and close the terminal' }).click();
    await expect(page.getByRole('tab', { name: /Terminal/ })).toHaveCount(0);
    await waitFor('the shell to be gone', async () => !(await shells()).includes('bash'));
    expect(window.complaints, 'the window complained').toEqual([]);
  } finally {
    await window.close();
    await opener.remove();
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
    for (const image of await imagesInDocker('fastapi'))
      await output('docker', 'rmi', '-f', image).catch(() => '');
    await folder.remove();
  }
});
