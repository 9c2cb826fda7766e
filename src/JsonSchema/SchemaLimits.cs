namespace Agora.JsonSchema;

/// <summary>
/// Every bound of the validator. Schemas come from sponsors and instances from agents, so both are hostile: without
/// these a 200-byte schema can cost hours (`allOf` doubling), a stack (`$ref` to itself) or gigabytes (paths).
/// </summary>
public static class SchemaLimits
{
    /// <summary>Bytes of a schema document as it came, white space included.</summary>
    public const int MaxSchemaBytes = 65_536;

    /// <summary>Nesting of the JSON of a schema document.</summary>
    public const int MaxSchemaDepth = 64;

    /// <summary>Subschemas of all documents that one schema reaches, its own included.</summary>
    public const int MaxSubschemas = 4_096;

    /// <summary>Characters of the pointer to a subschema: subschemas × this bounds what the index can take.</summary>
    public const int MaxPointerLength = 2_048;

    /// <summary>Characters of one pattern as written.</summary>
    public const int MaxPatternLength = 4_096;

    /// <summary>Characters of all patterns of a schema together, after translation for the regex engine.</summary>
    public const int MaxTranslatedPatternLength = 262_144;

    /// <summary>Distinct patterns of a schema: each may grow an automaton of some megabytes while it matches.</summary>
    public const int MaxPatterns = 128;

    /// <summary>Places named when a schema is refused.</summary>
    public const int MaxErrors = 100;

    /// <summary>Violations reported for one instance.</summary>
    public const int MaxViolations = 100;

    /// <summary>Schemas being evaluated inside one another; JSON nested 64 deep under `allOf` and `$ref` needs about 200.</summary>
    public const int MaxEvaluationDepth = 400;

    /// <summary>
    /// Units of work for one instance: a unit is one schema entered, one member or item visited, or 64 bytes of text read,
    /// so the whole is a fraction of a second. A ten-field object takes about 50.
    /// </summary>
    public const int MaxWork = 2_000_000;

    /// <summary>Work charged for a match that may backtrack: at most 200 of them, thus 2 s if each one nearly took its timeout.</summary>
    public const int BacktrackingMatchWork = 10_000;

    /// <summary>Work charged on top for a match that was stopped by its timeout: ten of them, and the instance is given up.</summary>
    public const int TimedOutMatchWork = 200_000;

    /// <summary>
    /// How long one try of a match may take. The engine's timeout reads the wall clock, in steps of up to 4 ms: a match of
    /// a microsecond fails when the process is not running just then. Hence several tries, and no shorter ones.
    /// </summary>
    public static readonly TimeSpan PatternTryTimeout = TimeSpan.FromMilliseconds(5);

    /// <summary>Tries of a pattern that may backtrack: 10 ms in all, after which it is the pattern.</summary>
    public const int BacktrackingTries = 2;

    /// <summary>Tries of a pattern that never backtracks: linear in the text, so the clock is its second guard only.</summary>
    public const int LinearTries = 4;
}
