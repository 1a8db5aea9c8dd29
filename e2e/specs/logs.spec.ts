import { readFile } from 'node:fs/promises';
import { kubectl, removeImages, testCluster, waitFor } from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';
import { expect, test } from '../world/test.ts';

const namespace = 'logs-window';
const image = 'logchatter';
const bulk = 1_000_000;

// Begins with a line of each kind; goes on, and ends, when a file says so.
const script = `run=$(($(cat /work/runs 2>/dev/null || echo 0) + 1)); echo $run > /work/runs
echo "run $run begins"
numbers() { awk -v run=$run -v a=$1 -v b=$2 'BEGIN { for (i = a; i <= b; i++) printf "run %d number %06d\\n", run, i }'; }
numbers 1 2000
echo '{"level":"info","msg":"order queued","customer":{"city":"Köln"}}'
printf '\\033[31mred\\033[0m and plain\\n'
echo "multi-byte größe 日本 🚢"
awk 'BEGIN { printf "bulk "; for (i = 0; i < ${bulk / 1000}; i++) printf "%01000d", 0; print "" }'
echo "ERROR the payment was refused"
echo "run $run ready"
while true; do
  if [ -e /work/go ]; then rm /work/go; numbers 2001 3240; fi
  if [ -e /work/die ]; then rm /work/die; echo "run $run ends"; exit 1; fi
  sleep 0.2
done
`;
const manifest = `apiVersion: apps/v1
kind: Deployment
metadata: { name: chatter }
spec:
  selector: { matchLabels: { app: chatter } }
  template:
    metadata: { labels: { app: chatter } }
    spec:
      terminationGracePeriodSeconds: 0
      volumes: [{ name: work, emptyDir: {} }]
      containers:
        - name: main
          image: ptah://${image}
          volumeMounts: [{ name: work, mountPath: /work }]
`;

async function cleanUp(): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found');
  await removeImages(image);
}
test.beforeAll(cleanUp);
test.afterAll(cleanUp);

/** L on a row; then everything that a person does with a log, and in the file in the end each line once. */
test('the log of what was deployed', { tag: '@once' }, async ({ app }) => {
  const folder = await ProjectFolder.of('chatty', {
    'ptah.yml': `kind: {name: ${testCluster()}}\nnamespace: ${namespace}\n`,
    [`${image}/Dockerfile`]: `FROM scratch\nCOPY busybox /bin/busybox\nCOPY main.sh /\nENTRYPOINT ["/bin/busybox", "sh", "/main.sh"]\n`,
    [`${image}/main.sh`]: script,
    'k8s/app.yaml': manifest,
  });
  const { page } = app;
  const log = page.getByRole('region', { name: 'Log of chatter' });
  const list = log.getByRole('treegrid');
  const row = (text: string | RegExp) => list.getByRole('row').filter({ hasText: text });
  const filter = log.getByRole('textbox', { name: 'Filter' });
  const search = log.getByRole('textbox', { name: 'Search' });
  const tell = (file: string) =>
    kubectl('-n', namespace, 'exec', 'deployment/chatter', '--', '/bin/busybox', 'touch', `/work/${file}`);
  try {
    await app.open(folder.root, 'chatty');
    await app.deploy('Deployed', 90_000);
    await app.go('Workloads');
    await app.main.getByRole('row').filter({ hasText: 'Deployment' }).focus();
    await page.keyboard.press('l');
    await expect(list).toBeFocused();
    await expect(row('run 1 ready')).toBeVisible();
    await expect(log).toContainText('1 source connected');
    await expect(row('red and plain').locator('span[style*="--ansi-1"]')).toHaveText('red');
    await expect(row('multi-byte')).toContainText('größe 日本 🚢');

    // the last 2,000 lines at first; a line of a megabyte is many of those to the container runtime
    await log.getByRole('combobox', { name: /^How far back/ }).selectOption({ label: 'Everything' });
    await expect(log).toContainText('2,007 lines');
    await list.focus();

    // a filter hides, and says what of how much is left; its keys are letters in it
    await page.keyboard.press('g');
    await expect(filter).toBeFocused();
    await page.keyboard.type('/number 0001\\d\\d$/');
    await expect(log).toContainText('Showing 100 of 2,007 lines');
    await expect(row('number 000199')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(log).toContainText('2,007 lines');
    await expect(list).toBeFocused();

    // a search goes to its hits and hides nothing
    await page.keyboard.press('/');
    await page.keyboard.type('number 0002');
    await expect(log.getByRole('toolbar')).toContainText('100');
    await page.keyboard.press('Enter');
    await expect(log.locator('mark.cur')).toHaveText('number 0002');
    await expect(row('number 000299')).toBeVisible();
    await page.keyboard.press('Shift+F3');
    await expect(log.getByRole('toolbar')).toContainText('99 of 100');
    await expect(log).toContainText('2,007 lines');
    await search.press('Escape');

    // errors are gone to by a key; JSON and a line of a megabyte open
    await page.keyboard.press('e');
    await expect(list.locator('.active')).toContainText('the payment was refused');
    await filter.fill('order queued');
    await row('order queued').getByRole('button', { name: 'Open the line' }).click();
    await expect(row('order queued')).toContainText('city: Köln');
    await filter.fill('bulk');
    await expect(row('bulk')).toBeVisible();
    await row('bulk').getByRole('button', { name: 'Open the line' }).click();
    await expect(row('bulk')).toContainText('of 1.0 MB');
    await filter.press('Escape');

    // scrolled up it stands still and counts what comes
    await page.keyboard.press('Home');
    await expect(row('run 1 begins')).toBeVisible();
    await tell('go');
    const pill = log.getByRole('button', { name: /1,240 new lines/ });
    await expect(pill).toBeVisible();
    await expect(row('run 1 begins')).toBeVisible();
    await pill.click();
    await expect(row('number 003240')).toBeVisible();
    await page.mouse.move(700, 800);
    await page.mouse.wheel(0, -400);
    await expect(row('number 003240')).toBeHidden();
    await list.focus();
    await page.keyboard.press('End');
    await expect(row('number 003240')).toBeVisible();

    // followed through a restart; what was before it can be asked for
    await tell('die');
    await expect(row('run 2 ready')).toBeVisible({ timeout: 60_000 });
    await log.getByRole('button', { name: 'Previous container' }).click();
    const before = page.getByRole('region', { name: /previous$/ });
    await expect(before.getByRole('row').filter({ hasText: 'run 1 ends' })).toBeVisible();
    await expect(before).not.toContainText('run 2');
    await before.getByRole('button', { name: 'Present container' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'run 2 ready' })).toBeVisible();

    // in the file each line is once, whole, in its order
    await page.getByRole('button', { name: 'Export…' }).click();
    const path = folder.path('../all.log');
    await app
      .dialog(/^Export the log/)
      .getByRole('textbox', { name: 'File' })
      .fill(path);
    await page.keyboard.press('Enter');
    await expect(app.dialog(/^Export the log/)).toBeHidden();
    const text = await waitFor('the file', () => readFile(path, 'utf8'));
    const numbers = (run: number) =>
      [...text.matchAll(new RegExp(`run ${run} number (\\d+)`, 'g'))].map(match => Number(match[1]));
    const until = (end: number) => Array.from({ length: end }, (_, at) => at + 1);
    expect(numbers(1)).toEqual(until(3240));
    expect(numbers(2)).toEqual(until(2000));
    expect(text.match(/bulk 0{1000000}$/gm)).toHaveLength(2);
    expect(text.match(/größe 日本 🚢$/gm)).toHaveLength(2);

    await page.getByRole('button', { name: 'Clear' }).click();
    await expect(page.getByRole('region', { name: /^Log of/ })).toContainText('no output yet');
  } finally {
    await folder.remove();
  }
});
