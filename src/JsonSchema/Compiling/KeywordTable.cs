using Agora.JsonSchema.Formats;
using Agora.JsonSchema.Keywords;
using Agora.JsonSchema.Patterns;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Compiling;

/// <summary>
/// Every keyword that asserts or applies something, in the order of evaluation: cheap ones first, so that an instance of
/// the wrong type fails at once, and `unevaluated*` last, because it asks what all others have looked at. A row of
/// several names is a family compiled into one keyword.
/// </summary>
internal static class KeywordTable
{
    private const Vocabularies Validation = Vocabularies.Validation, Applicator = Vocabularies.Applicator;

    public static readonly (string[] Names, Vocabularies Vocabulary, Func<KeywordSource, Keyword?> Compile)[] Rows =
    [
        (["type"], Validation, Type),
        (["const"], Validation, s => new ConstKeyword(s.Value)),
        (["enum"], Validation, s => new EnumKeyword([.. s.Value.EnumerateArray()])),
        (["minimum"], Validation, s => new RangeKeyword(s.Name, s.Value)),
        (["maximum"], Validation, s => new RangeKeyword(s.Name, s.Value)),
        (["exclusiveMinimum"], Validation, s => new RangeKeyword(s.Name, s.Value)),
        (["exclusiveMaximum"], Validation, s => new RangeKeyword(s.Name, s.Value)),
        (["multipleOf"], Validation, s => new MultipleOfKeyword(s.Value)),
        (["minLength"], Validation, s => new LengthKeyword(s.Name, s.Count)),
        (["maxLength"], Validation, s => new LengthKeyword(s.Name, s.Count)),
        (["minItems"], Validation, s => new ItemCountKeyword(s.Name, s.Count)),
        (["maxItems"], Validation, s => new ItemCountKeyword(s.Name, s.Count)),
        (["minProperties"], Validation, s => new MemberCountKeyword(s.Name, s.Count)),
        (["maxProperties"], Validation, s => new MemberCountKeyword(s.Name, s.Count)),
        (["required"], Validation, s => new RequiredKeyword(new NameSet(Texts(s.Value)))),
        (["dependentRequired"], Validation, DependentRequired),
        (["format"], Vocabularies.FormatAnnotation | Vocabularies.FormatAssertion, Format),
        (["pattern"], Validation, s => s.Pattern(s.Text) is { } pattern ? new PatternKeyword(pattern) : null),
        (["uniqueItems"], Validation, s => s.Value.GetBoolean() ? new UniqueItemsKeyword() : null),
        (["$ref"], Vocabularies.Core, s => s.Target() is { } target ? new ReferenceKeyword(s.Name, target.Node) : null),
        (["$dynamicRef"], Vocabularies.Core, DynamicReference),
        (["properties", "patternProperties", "additionalProperties"], Applicator, Members),
        (["propertyNames"], Applicator, s => new PropertyNamesKeyword(s.Schema()!)),
        (["prefixItems", "items"], Applicator, s => new ItemsKeyword(s.For("prefixItems").Schemas(), s.For("items").Schema())),
        (["contains"], Applicator, Contains),
        (["allOf"], Applicator, s => new AllOfKeyword(s.Schemas())),
        (["anyOf"], Applicator, s => new AlternativesKeyword(s.Name, s.Schemas())),
        (["oneOf"], Applicator, s => new AlternativesKeyword(s.Name, s.Schemas())),
        (["not"], Applicator, s => new NotKeyword(s.Schema()!)),
        (["if"], Applicator, s => new ConditionKeyword(s.Schema()!, s.For("then").Schema(), s.For("else").Schema())),
        (["dependentSchemas"], Applicator, DependentSchemas),
        (["unevaluatedItems"], Vocabularies.Unevaluated, s => new UnevaluatedItems(s.Schema()!)),
        (["unevaluatedProperties"], Vocabularies.Unevaluated, s => new UnevaluatedProperties(s.Schema()!)),
    ];

    private static TypeKeyword Type(KeywordSource source)
    {
        var allowed = ValueTypes.None;
        foreach (string name in source.Value.ValueKind == System.Text.Json.JsonValueKind.Array ? Texts(source.Value) : [source.Text])
            allowed |= Enum.Parse<ValueTypes>(name, ignoreCase: true);
        return new TypeKeyword(allowed);
    }

    private static DependentRequiredKeyword DependentRequired(KeywordSource source) =>
        new([.. source.Value.EnumerateObject().Select(rule => (JsonText.Name(rule), Texts(rule.Value).ToArray()))]);

    private static FormatKeyword? Format(KeywordSource source)
    {
        bool asserts = source.Options.AssertFormats || (source.Vocabularies & Vocabularies.FormatAssertion) != 0;
        return asserts && FormatTable.Find(source.Text) is { } check ? new FormatKeyword(source.Text, check) : null;
    }

    private static Keyword? DynamicReference(KeywordSource source)
    {
        if (source.Target() is not { } target)
            return null;
        string fragment = SchemaUri.Split(source.Text).Fragment;
        if (!target.Location.Resource.DynamicAnchors.TryGetValue(fragment, out var anchored) || anchored != target.Location)
            return new ReferenceKeyword(source.Name, target.Node);
        source.TrackScope();
        return new DynamicReferenceKeyword(fragment, target.Node);
    }

    private static MembersKeyword Members(KeywordSource source)
    {
        var patternSource = source.For("patternProperties");
        var patterns = new List<(Pattern, Evaluating.SchemaNode)>();
        foreach (var (text, schema) in patternSource.SchemaMap())
        {
            if (patternSource.Pattern(text, text) is { } pattern)
                patterns.Add((pattern, schema));
        }
        return new MembersKeyword(
            source.For("properties").SchemaMap().ToDictionary(p => p.Key, p => p.Schema, StringComparer.Ordinal),
            [.. patterns],
            source.For("additionalProperties").Schema());
    }

    private static ContainsKeyword Contains(KeywordSource source)
    {
        // Counts belong to another vocabulary than `contains` itself.
        bool counts = (source.Vocabularies & Validation) != 0;
        int min = counts && source.Sibling("minContains") is not null ? source.For("minContains").Count : 1;
        int max = counts && source.Sibling("maxContains") is not null ? source.For("maxContains").Count : int.MaxValue;
        return new ContainsKeyword(source.Schema()!, min, max);
    }

    private static DependentSchemasKeyword DependentSchemas(KeywordSource source)
    {
        var rules = source.SchemaMap().ToList();
        return new DependentSchemasKeyword(new NameSet(rules.Select(r => r.Key)), [.. rules.Select(r => r.Schema)]);
    }

    private static IEnumerable<string> Texts(System.Text.Json.JsonElement list) => list.EnumerateArray().Select(JsonText.Decode);
}
