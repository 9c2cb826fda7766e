// node count.mjs, a JSON array of texts on standard input: prints a JSON array, the number of each text's tokens in o200k_base.
import { readFileSync } from "node:fs";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map((text) => countTokens(text))));
