using System.Runtime.InteropServices;
using System.Text.Json;
using Agora.JsonSchema.Compiling;
using Agora.JsonSchema.Evaluating;

namespace Agora.JsonSchema;

/// <summary>
/// A compiled JSON Schema, draft 2020-12. Immutable and safe to share between threads; it holds on to nothing of the
/// bytes or document it was compiled from. Same schema and instance give the same answer, but for a pattern that
/// needs backtracking and is stopped by its timeout.
/// </summary>
public sealed class Schema
{
    /// <summary>The `$schema` of draft-07 without its empty fragment. What means the same in draft-07 and 2020-12 is compiled; the rest of draft-07 is refused.</summary>
    public const string Draft7 = "http://json-schema.org/draft-07/schema";

    private readonly SchemaNode _root;
    private readonly bool _tracksScope;

    internal Schema(SchemaNode root, bool tracksScope) => (_root, _tracksScope) = (root, tracksScope);

    public static SchemaCompilation Compile(ReadOnlyMemory<byte> utf8, SchemaOptions? options = null)
    {
        if (utf8.Length > SchemaLimits.MaxSchemaBytes)
            return Refused(SchemaCompiler.TooLarge(utf8.Length));
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = SchemaLimits.MaxSchemaDepth });
            return Compile(document.RootElement, options);
        }
        catch (JsonException e)
        {
            return Refused(new SchemaError("", "", $"The schema is not JSON nested at most {SchemaLimits.MaxSchemaDepth} deep (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})."));
        }
    }

    public static SchemaCompilation Compile(JsonElement schema, SchemaOptions? options = null)
    {
        int bytes = JsonMarshal.GetRawUtf8Value(schema).Length;
        return bytes > SchemaLimits.MaxSchemaBytes
            ? Refused(SchemaCompiler.TooLarge(bytes))
            : new SchemaCompiler(options ?? SchemaOptions.Default).Compile(schema.Clone());
    }

    /// <summary>Whether the instance satisfies the schema; stops at the first violation and allocates next to nothing.</summary>
    public bool IsValid(JsonElement instance) => IsValid(instance, SchemaLimits.MaxWork, out _);

    /// <summary>All violations, at most <see cref="SchemaLimits.MaxViolations"/>; none when the instance is valid.</summary>
    /// <remarks>
    /// Valid instances take the fast path only. Others are walked a second time, collecting: paths and sentences cost
    /// many times the check, and most instances are valid.
    /// </remarks>
    public IReadOnlyList<Violation> Validate(JsonElement instance) => Validate(instance, SchemaLimits.MaxWork);

    internal IReadOnlyList<Violation> Validate(JsonElement instance, int maxWork)
    {
        if (IsValid(instance, maxWork, out var limit))
            return [];
        if (limit is not null)
            return [limit];
        var run = new ValidationRun(collects: true, _tracksScope, maxWork);
        _root.Evaluate(instance, null, null, run);
        return run.Violations;
    }

    private bool IsValid(JsonElement instance, int maxWork, out Violation? limit)
    {
        var run = new ValidationRun(collects: false, _tracksScope, maxWork);
        bool valid = _root.Evaluate(instance, null, null, run);
        limit = run.Limit;
        return valid;
    }

    private static SchemaCompilation Refused(SchemaError error) => new(null, [error]);
}
