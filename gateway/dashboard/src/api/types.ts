/* Shapes of the staff API that many desks share, by the names that its description gives them. Instants are ISO 8601 strings. */
import type { Shape } from './described';

export type CaseState = Shape<'State'>;
export type Nature = Shape<'Nature'>;
export type UnitRef = Shape<'UnitRef'>;
export type CategoryRef = Shape<'CategoryRef'>;
export type PersonRef = Shape<'PersonRef'>;
export type Session = Shape<'Session'>;
export type CaseRow = Shape<'CaseRow'>;
export type Colour = CaseRow['colour'];
export type CaseList = Shape<'CaseList'>;
export type CaseFacts = Shape<'CaseFacts'>;
export type FeedbackView = Shape<'Feedback'>;
export type Mark = NonNullable<FeedbackView['marks']>[number];
export type DecisionView = Shape<'Decision'>;
export type Candidate = DecisionView['candidates'][number];
export type ActView = Shape<'Act'>;
export type AllowedAct = Shape<'AllowedAct'>;
export type CaseView = Shape<'CaseView'>;
export type ActRequest = Shape<'ActRequest'>;
export type Counts = Shape<'Counts'>;
export type Unit = Shape<'Unit'>;
export type Category = Shape<'Category'>;
export type Rulebook = Shape<'Rulebook'>;
export type ActRule = Rulebook['acts'][number];
export type BulkAct = Shape<'BulkAct'>;
export type BulkAnswer = Shape<'BulkAnswer'>;
export type View = Shape<'View'>;
export type ViewNew = Shape<'ViewNew'>;
export type ViewChange = Shape<'ViewChange'>;

/* What a person sends with an act: keys are the words of `needs`, and what an act takes without needing it. */
export type ActInput = Record<string, string | number>;
/* As it is sent: evidence may be files by number, with names of pieces among them. */
export type ActSent = Record<string, string | number | (string | number)[]>;

/* The part of a row that travels with an event; words never do. */
export type CaseChange = Pick<CaseRow, 'id' | 'version'> & Partial<CaseRow>;

export interface LiveEvent {
  type: 'event';
  seq: number;
  kind: string;
  case: number | null;
  data: Partial<CaseChange>;
}
