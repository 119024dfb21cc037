/** The lines of each table, by the name of its place in the document. */
export declare function publish(tables: Readonly<Record<string, readonly string[]>>): void;
