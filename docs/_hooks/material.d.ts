// What Material's own scripts offer to others: what a reader's browser keeps, by name.
declare function __md_get(name: string): any;
declare function __md_set(name: string, value: unknown): void;
