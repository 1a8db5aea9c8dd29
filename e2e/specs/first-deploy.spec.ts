import { expect, test } from '../world/test.ts';
import {
  imagesInDocker,
  imagesOnNode,
  kubectl,
  nodeNames,
  removeImages,
  testNodes,
  waitFor,
} from '../world/machine.ts';
import { ProjectFolder } from '../world/project-folder.ts';

/** The main job, whole: a folder is dropped, Deploy is pressed, its code answers; one line changes, only that moves. */
test('a dropped folder becomes running pods, and one changed line only its own image', async ({ app }) => {
  const folder = await ProjectFolder.copyOf('fastapi', 'greeter');
  // what no run before has built: the nodes keep an image whose tag is taken from Docker
  const second = `Second ${Date.now()}, `;
  await folder.edit('fastapi/app/main.py', text => text.replace('Hello, ', 'First, '));
  const nodes = await nodeNames();
  // of a run that was cut off: the tag would be taken by other content
  await removeImages('fastapi');
  expect(nodes).toHaveLength(testNodes());
  try {
    await app.open(folder.root, 'greeter');
    await expect(app.plan).toContainText(/Build 1 of 1 image/);
    await expect(app.plan).toContainText(/create 2 of 2 objects/);
    await app.deploy();

    const [reference] = await imagesInDocker('fastapi');
    expect(reference).toMatch(/^fastapi:[0-9a-f]{7}$/);
    for (const node of nodes) expect(await imagesOnNode(node, 'fastapi')).toContain(reference);
    expect(
      await kubectl(
        'get',
        'deployment',
        'fastapi',
        '-o',
        'jsonpath={.spec.template.spec.containers[0].image}',
      ),
    ).toBe(reference);

    await app.go('Workloads');
    await expect(app.main.getByText(/^1 of 1 ready/).first()).toBeVisible();
    await app.main.getByRole('button', { name: /^Open/ }).first().click();
    const address = app.main.getByRole('link', { name: /^http:\/\/127\.0\.0\.1:/ }).first();
    await app.reads((await address.getAttribute('href')) ?? '', 'First, world!');

    await app.go('Overview');
    await expect(app.plan).toContainText(/Nothing to deploy|Nothing has changed/);
    const generation = await kubectl('get', 'deployment', 'fastapi', '-o', 'jsonpath={.metadata.generation}');
    await app.deployButton.click();
    await expect(app.lastDeploys.getByRole('row').first()).toContainText('Nothing had changed');
    expect(await kubectl('get', 'deployment', 'fastapi', '-o', 'jsonpath={.metadata.generation}')).toBe(
      generation,
    );

    await folder.edit('fastapi/app/main.py', text => text.replace('First, ', second));
    await expect(app.plan).toContainText('app/main.py', { timeout: 30_000 });
    await expect(app.plan).toContainText(/change 1 of 2 objects/);
    await app.deploy();
    const answer = await waitFor('the new answer', async () => {
      const text = await kubectl('get', '--raw', '/api/v1/namespaces/default/services/fastapi:80/proxy/');
      return text.includes(`${second}world!`) && text;
    });
    expect(answer).toContain(second);
    expect(await imagesInDocker('fastapi')).toHaveLength(2);
  } finally {
    await kubectl('delete', 'deployment,service', 'fastapi', '--ignore-not-found');
    await kubectl('delete', 'configmap', '-l', 'applyset.kubernetes.io/id', '--ignore-not-found');
    await removeImages('fastapi');
    await folder.remove();
  }
});
