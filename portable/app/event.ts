/** What listeners get first: they may say that the usual thing is not to be done. */
export class PreventableEvent {
  #isPrevented = false;

  get defaultPrevented(): boolean {
    return this.#isPrevented;
  }

  preventDefault(): void {
    this.#isPrevented = true;
  }
}
