using System.Text.Json;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Compiling;

[Flags]
internal enum Vocabularies
{
    Core = 1,
    Applicator = 2,
    Unevaluated = 4,
    Validation = 8,
    MetaData = 16,
    FormatAnnotation = 32,
    FormatAssertion = 64,
    Content = 128,

    /// <summary>Not a vocabulary: the schema names draft-07, and only the part of draft-07 is accepted that means the same in 2020-12.</summary>
    Draft7 = 256,
    Standard = Core | Applicator | Unevaluated | Validation | MetaData | FormatAnnotation | Content,
}

/// <summary>Which keywords mean something in a schema: what its metaschema's `$vocabulary` says.</summary>
internal static class Dialect
{
    public const string Standard = "https://json-schema.org/draft/2020-12/schema";
    private const string Prefix = "https://json-schema.org/draft/2020-12/vocab/";

    private static readonly Dictionary<string, Vocabularies> Known = new(StringComparer.Ordinal)
    {
        [Prefix + "core"] = Vocabularies.Core,
        [Prefix + "applicator"] = Vocabularies.Applicator,
        [Prefix + "unevaluated"] = Vocabularies.Unevaluated,
        [Prefix + "validation"] = Vocabularies.Validation,
        [Prefix + "meta-data"] = Vocabularies.MetaData,
        [Prefix + "format-annotation"] = Vocabularies.FormatAnnotation,
        [Prefix + "format-assertion"] = Vocabularies.FormatAssertion,
        [Prefix + "content"] = Vocabularies.Content,
    };

    /// <summary>The vocabularies of a metaschema, or null and the required one that nobody here knows.</summary>
    public static Vocabularies? Read(JsonElement metaschema, out string? unknown)
    {
        unknown = null;
        if (JsonText.Member(metaschema, "$vocabulary") is not { ValueKind: JsonValueKind.Object } declared)
            return Vocabularies.Standard;
        var vocabularies = Vocabularies.Core;
        foreach (var member in declared.EnumerateObject())
        {
            string uri = JsonText.Name(member);
            if (Known.TryGetValue(uri, out var vocabulary))
                vocabularies |= vocabulary;
            else if (member.Value.ValueKind == JsonValueKind.True)
            {
                unknown = uri;
                return null;
            }
        }
        return vocabularies;
    }
}
