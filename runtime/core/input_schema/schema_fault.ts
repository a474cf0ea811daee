/** What is wrong with a schema, and where: a JSON pointer, empty for its top. */
export class SchemaFault extends Error {
  override readonly name = "SchemaFault";
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}
