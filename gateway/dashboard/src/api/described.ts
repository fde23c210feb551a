/* The staff API as its OpenAPI document describes it: types/openapi.d.ts is made from gateway/staff_openapi.json before
 * every check, so a page that expects another shape, another path or another body than the gateway's does not compile. */
import type { components, paths } from '../../types/openapi';

export type Shape<N extends keyof components['schemas']> = components['schemas'][N];

type Split<S extends string> = S extends `${infer A}/${infer B}` ? [A, ...Split<B>] : [S];
/* `{id}` stands for what was filled in: a number or a text that is not known here. */
type IsSegment<Called, Described> = Described extends `{${string}}` ? (string extends Called ? true : `${number}` extends Called ? true : false) : Called extends Described ? true : false;
type IsPath<Called, Described> =
  Called extends [infer C, ...infer Cs] ? (Described extends [infer D, ...infer Ds] ? (IsSegment<C, D> extends true ? IsPath<Cs, Ds> : false) : false) : Described extends [] ? true : false;
/* The described path that a called one is; never: there is none. */
export type PathOf<T extends string> = { [P in keyof paths]: IsPath<Split<T>, Split<P>> extends true ? P : never }[keyof paths];

export type Verb = 'get' | 'post' | 'put' | 'delete';
type Json<C> = C extends { content: { 'application/json': infer J } } ? J : void;
type Good<R> = R extends { 200: infer A; 202: infer B } ? Json<A> | Json<B> : R extends { 200: infer A } ? Json<A> : R extends { 201: infer A } ? Json<A> : void;
type Operation<T extends string, V extends Verb> = PathOf<T> extends infer P ? (P extends keyof paths ? NonNullable<paths[P][V]> : never) : never;
/* What is answered when it went well; void when nothing is. */
export type Answer<T extends string, V extends Verb> = Operation<T, V> extends { responses: infer R } ? Good<R> : never;
export type Body<T extends string, V extends Verb> = Operation<T, V> extends { requestBody?: infer B } ? (NonNullable<B> extends { content: { 'application/json': infer J } } ? J : never) : never;
/* The path itself when it is described with that verb, else never: the call does not compile. */
export type Known<T extends string, V extends Verb> = Operation<T, V> extends never ? never : T;
