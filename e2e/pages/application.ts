import { expect, type Locator, type Page } from '@playwright/test';
import type { ApplicationWindow } from '../world/window.ts';

export type ProjectScreen = 'Overview' | 'Images' | 'Changes' | 'Workloads';
export type Screen = ProjectScreen | 'Projects' | 'Cluster' | 'Activity' | 'Setup' | 'Settings';

/** The window by what a person sees in it: roles and names, no test ids. */
export class Application {
  readonly page: Page;
  readonly window: ApplicationWindow;

  constructor(window: ApplicationWindow) {
    this.window = window;
    this.page = window.page;
  }

  get sidebar(): Locator {
    return this.page.getByRole('navigation', { name: 'Projects and tools' });
  }
  get main(): Locator {
    return this.page.getByRole('main');
  }
  get statusBar(): Locator {
    return this.page.getByRole('contentinfo', { name: 'Status bar' });
  }
  get plan(): Locator {
    return this.main.getByLabel('Plan', { exact: true });
  }
  get pipeline(): Locator {
    return this.main.getByRole('list', { name: 'Pipeline' });
  }
  get lastDeploys(): Locator {
    return this.main.getByRole('region', { name: 'Last deploys' });
  }
  get failure(): Locator {
    return this.main.getByRole('alert', { name: 'What failed' });
  }
  dialog(name: string | RegExp): Locator {
    return this.page.getByRole('dialog', { name });
  }

  async go(screen: Screen): Promise<void> {
    await this.sidebar.getByRole('link', { name: screen, exact: true }).click();
  }

  /** Drops the folder. A browser does not say where it lies, so our own folder browser may ask (design §9). */
  async drop(root: string): Promise<void> {
    await this.window.dropFolder(root);
    const browser = this.dialog('Open folder');
    const elsewhere = this.main.getByRole('button', { name: /^Deploy/ }).or(this.dialog('Create ptah.yml?'));
    await browser.or(elsewhere).first().waitFor();
    if (await browser.isVisible()) await this.browseTo(root);
  }

  private async browseTo(root: string): Promise<void> {
    const browser = this.dialog('Open folder');
    await browser.getByRole('textbox', { name: 'Path of the folder' }).fill(root);
    await this.page.keyboard.press('Enter');
    await expect(browser.getByRole('listbox', { name: `Folders in ${root}` })).toBeVisible();
    await browser.getByRole('button', { name: `Open ${root.split('/').at(-1)}`, exact: true }).click();
    await expect(browser).toBeHidden();
  }

  /** Drops a project's folder and waits until its plan has been read. */
  async open(root: string, name: string): Promise<void> {
    await this.drop(root);
    await this.planIsThere(name);
  }

  async planIsThere(name: string): Promise<void> {
    await expect(this.main.getByRole('heading', { name, level: 1 })).toBeVisible();
    await expect(this.plan).toContainText(/\w/, { timeout: 60_000 });
  }

  get deployButton(): Locator {
    return this.main.getByRole('button', { name: /^(Deploy|Retry)/ });
  }

  /** Presses Deploy and waits for how it ends. */
  async deploy(ending: 'Deployed' | 'Failed' = 'Deployed', timeoutMs = 200_000): Promise<void> {
    const before = await this.lastDeploys.getByRole('row').count();
    await this.deployButton.click();
    await expect(async () => {
      expect(await this.lastDeploys.getByRole('row').count()).toBeGreaterThan(before);
      await expect(this.lastDeploys.getByRole('row').first()).not.toContainText(/Deploying/);
    }).toPass({ timeout: timeoutMs });
    await expect(this.lastDeploys.getByRole('row').first()).toContainText(ending);
  }

  /** Opens an address in a tab of its own, as a person would, and reads what is there. */
  async reads(address: string, text: string | RegExp): Promise<void> {
    const tab = await this.page.context().newPage();
    await tab.goto(address);
    await expect(tab.locator('body')).toContainText(text);
    await tab.close();
  }
}
