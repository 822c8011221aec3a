/** Where somebody is to go. */
export interface Place {
  /** The page's own address. */
  here: string;
  /** The address at which JupyterLab opens the document. */
  lab: string;
  /** Does each document have a page of its own, as in Notebook 7? */
  hasOwnPage: boolean;
}

/**
 * The link by which somebody else comes to a document.
 *
 * @param token lets them in; empty to leave that to the server's own sign-in
 */
export function invitation({ here, lab, hasOwnPage }: Place, token: string): string {
  const url = new URL(hasOwnPage ? here : lab, here);
  // What the page's own address carries is for this person alone: a token, a workspace to reset.
  url.search = token ? `?${new URLSearchParams({ token })}` : '';
  url.hash = '';
  return url.toString();
}

/** The same for a screen that others may see, too. */
export function masked(link: string): string {
  return link.replace(/([?&]token=)[^&]+/, '$1…');
}
