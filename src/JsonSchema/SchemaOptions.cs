using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Agora.JsonSchema;

/// <summary>How schemas are compiled.</summary>
public sealed record SchemaOptions
{
    /// <summary>What the product uses: formats asserted, nothing outside the document but the built-in metaschemas.</summary>
    public static SchemaOptions Default { get; } = new();

    /// <summary>False makes `format` an annotation only, as JSON Schema 2020-12 has it without the assertion vocabulary.</summary>
    public bool AssertFormats { get; init; } = true;

    /// <summary>
    /// Hands in a document for an absolute URI without fragment, or null. It must not reach for the network: a schema's
    /// author would then choose what this system calls.
    /// </summary>
    public Func<string, JsonElement?> Resolve { get; init; } = static _ => null;
}

/// <summary>Why a schema is refused.</summary>
/// <param name="Pointer">JSON pointer to the place in the schema; for a document handed in, its URI, `#` and the pointer.</param>
/// <param name="Keyword">The keyword at fault; empty where the document as a whole is.</param>
/// <param name="Message">A sentence that tells what to change.</param>
public sealed record SchemaError(string Pointer, string Keyword, string Message);

/// <summary>Why an instance does not satisfy a schema.</summary>
/// <param name="Path">JSON pointer into the instance; members longer than 256 characters are shortened with `…`.</param>
/// <param name="Keyword">The keyword that is not satisfied, or <see cref="LimitKeyword"/>.</param>
/// <param name="Message">
/// A sentence that tells what is wanted. It quotes the schema and the kind or size of the instance, never its values:
/// messages end up in logs and audit entries, where personal data must not.
/// </param>
public sealed record Violation(string Path, string Keyword, string Message)
{
    /// <summary>Stands as keyword where validation was given up at a bound of <see cref="SchemaLimits"/>; its path is empty.</summary>
    public const string LimitKeyword = "$limit";
}

/// <summary>Either a schema or the places for which it was refused.</summary>
public sealed class SchemaCompilation
{
    internal SchemaCompilation(Schema? schema, IReadOnlyList<SchemaError> errors) => (Schema, Errors) = (schema, errors);

    public Schema? Schema { get; }

    public IReadOnlyList<SchemaError> Errors { get; }

    [MemberNotNullWhen(true, nameof(Schema))]
    public bool Succeeded => Schema is not null;
}
