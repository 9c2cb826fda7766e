export { FileAnswers, inFile, inMemory, type Answer, type AnswerStore } from "./answers.js";
export { flag, integer, list, nullable, number, object, oneOf, optional, text, type Infer, type Schema, type Violation } from "./schema.js";
export { serve, type ServeOptions } from "./serve.js";
export { Metered, Refused, service, TryAgain, type Call, type Service, type ServiceOptions } from "./service.js";
export { keySet, whyNot, type FindKey } from "./signatures.js";
