import type { FastifyInstance, FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import { z } from 'zod';
import type { Json } from '../../domain/json.ts';
import { problemsOf } from '../../domain/problems.ts';
import { invalid } from '../http/problem.ts';

const checkedByClient = new WeakSet<z.ZodType>();

/** Published in the document, but checked by the client, which reports everything that is wrong at once. */
export function checkedByTheClient<T extends z.ZodType>(schema: T): z.ZodType<unknown> & T {
  checkedByClient.add(schema);
  return schema;
}

const names: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' };

const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = 'body' }) => {
  if (checkedByClient.has(schema)) return (value) => ({ value });
  return (given: Json) => {
    const parsed = schema.safeParse(given ?? undefined);
    if (parsed.success) return { value: parsed.data };
    const shape = schema instanceof z.ZodObject ? schema : z.object({});
    const problems = problemsOf(given ?? {}, parsed.error.issues, shape);
    const detail = `the ${names[httpPart]} has ${problems.length} problem${problems.length === 1 ? '' : 's'}; nothing was done`;
    return { error: invalid(httpPart === 'body' ? 422 : 400, 'invalid-request', detail, problems) };
  };
};

/** Logs an answer that does not fit its schema and sends it: a newer worker may report more than this API knows. Tests fail on the log line. */
export const undocumentedAnswer = 'an answer differs from the document';

export function validateWithZod(app: FastifyInstance): void {
  app.setValidatorCompiler(validatorCompiler);
  const serializerCompiler: FastifySerializerCompiler<z.ZodType> = ({ schema, method, url }) => {
    // An answer that many share is one object.
    const texts = new WeakMap<object, string>();
    return (answer: object) => {
      const made = texts.get(answer);
      if (made !== undefined) return made;
      const text = JSON.stringify(answer);
      const { error } = schema.safeParse(JSON.parse(text));
      if (error)
        app.log.warn({ method, url, paths: error.issues.map(({ path }) => path.join('.')) }, undocumentedAnswer);
      texts.set(answer, text);
      return text;
    };
  };
  app.setSerializerCompiler(serializerCompiler);
}
