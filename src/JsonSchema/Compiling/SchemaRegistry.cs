using System.Text.Json;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Compiling;

/// <summary>
/// Finds every subschema, id and anchor of the documents that a schema reaches. Only where a keyword says so is there a
/// subschema: an `$id` inside `enum` or an unknown keyword identifies nothing.
/// </summary>
internal sealed class SchemaRegistry(SchemaOptions options, Action<string, string, string> refuse)
{
    private static readonly string[] One =
    [
        "not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames", "unevaluatedItems",
        "unevaluatedProperties", "contentSchema",
    ];

    private static readonly string[] Lists = ["allOf", "anyOf", "oneOf", "prefixItems"];

    private static readonly string[] Maps = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

    private static readonly string[] OlderInDraft7 = ["additionalItems", "dependencies"];

    /// <summary>Keywords that draft-07 does not know and therefore ignores.</summary>
    private static readonly string[] UnknownInDraft7 =
        ["minContains", "maxContains", "dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "prefixItems", "$dynamicRef"];

    /// <summary>Members beside `$ref` that do not constrain the instance, and so mean the same in both dialects. An `$id` beside `$ref` does so only at the root: elsewhere it changes the base of the reference, in 2020-12 alone.</summary>
    private static readonly string[] BesideRef = ["$ref", "$schema", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "definitions", "$defs"];

    private readonly Dictionary<string, SchemaResource> _resources = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Indexes a document; null if it cannot be used, which has then been said.</summary>
    public SchemaDocumentIndex? Add(JsonElement root, string uri)
    {
        var document = new SchemaDocumentIndex(root, uri);
        if (Scan(document, root, "", NewResource(document, root, "", uri, Vocabularies.Standard), "false"))
            return document;
        refuse(document.Name(""), "", $"The schema and what it refers to have more than {SchemaLimits.MaxSubschemas} subschemas, or one whose pointer is longer than {SchemaLimits.MaxPointerLength}.");
        return null;
    }

    /// <summary>The resource of a URI without fragment: in a document that was read, built in, or handed in.</summary>
    public SchemaResource? Find(string uri)
    {
        if (_resources.TryGetValue(uri, out var found))
            return found;
        bool builtIn = Metaschemas.Find(uri) is not null;
        if ((Metaschemas.Find(uri) ?? options.Resolve(uri)) is not { } root)
            return null;
        if (!builtIn && Metaschemas.Check(root) is [var first, ..])
        {
            refuse($"{uri}#{first.Path}", Metaschemas.KeywordAt(first.Path), first.Message);
            return null;
        }
        var resource = Add(root, uri)?.Locations[""].Resource;
        if (resource is not null)
            _resources.TryAdd(uri, resource);
        return resource;
    }

    /// <summary>The schema that a pointer leads to; beneath keywords nobody knows, it is indexed only now.</summary>
    public SchemaLocation? Follow(SchemaLocation from, string pointer)
    {
        string full = from.Pointer + pointer;
        if (from.Document.Locations.TryGetValue(full, out var known))
            return known;
        if (JsonPointer.Follow(from.Schema, pointer) is not { ValueKind: JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False } schema)
            return null;
        if (Metaschemas.Check(schema) is [var first, ..])
        {
            refuse(from.Document.Name(full + first.Path), Metaschemas.KeywordAt(first.Path), first.Message);
            return null;
        }
        Scan(from.Document, schema, full, from.Resource, "");
        return from.Document.Locations.GetValueOrDefault(full);
    }

    private bool Scan(SchemaDocumentIndex document, JsonElement schema, string pointer, SchemaResource resource, string holder)
    {
        if (++_count > SchemaLimits.MaxSubschemas || pointer.Length > SchemaLimits.MaxPointerLength)
            return false;
        bool isRoot = pointer.Length == 0;
        if (!isRoot && JsonText.Member(schema, "$id") is not null)
            resource = NewResource(document, schema, pointer, resource.Uri, resource.Vocabularies);
        var location = new SchemaLocation(schema, document, pointer, resource, holder);
        document.Locations[pointer] = location;
        resource.Root ??= location;
        if (schema.ValueKind != JsonValueKind.Object)
            return true;
        if (resource.Vocabularies.HasFlag(Vocabularies.Draft7))
            RefuseOlderMeanings(location);
        AddAnchor(location, "$anchor");
        AddAnchor(location, "$dynamicAnchor");
        foreach (var (child, childPointer, keyword) in Children(schema, pointer))
        {
            if (!Scan(document, child, childPointer, resource, keyword))
                return false;
        }
        return true;
    }

    private static IEnumerable<(JsonElement Schema, string Pointer, string Keyword)> Children(JsonElement schema, string pointer)
    {
        foreach (var member in schema.EnumerateObject())
        {
            string keyword = JsonText.Name(member);
            string at = JsonPointer.Append(pointer, keyword);
            if (One.Contains(keyword))
                yield return (member.Value, at, keyword);
            else if (Lists.Contains(keyword))
            {
                int index = 0;
                foreach (var item in member.Value.EnumerateArray())
                    yield return (item, JsonPointer.Append(at, index++), keyword);
            }
            else if (Maps.Contains(keyword))
            {
                foreach (var entry in member.Value.EnumerateObject())
                    yield return (entry.Value, JsonPointer.Append(at, JsonText.Name(entry)), keyword);
            }
        }
    }

    private SchemaResource NewResource(SchemaDocumentIndex document, JsonElement schema, string pointer, string baseUri, Vocabularies inherited)
    {
        string uri = baseUri;
        if (JsonText.Member(schema, "$id") is { } id)
            uri = SchemaUri.Split(SchemaUri.Resolve(baseUri, JsonText.Decode(id))).Uri;
        if (uri.AsSpan().ContainsAnyExceptInRange('!', '~'))
            refuse(JsonPointer.Append(document.Name(pointer), "$id"), "$id", "An id has only visible ASCII characters: write others as %HH.");
        var resource = new SchemaResource(uri, ReadDialect(document, schema, pointer) ?? inherited);
        if (!_resources.TryAdd(uri, resource))
            refuse(JsonPointer.Append(document.Name(pointer), "$id"), "$id", $"The id {uri} stands for another schema already: give each its own.");
        return resource;
    }

    private Vocabularies? ReadDialect(SchemaDocumentIndex document, JsonElement schema, string pointer)
    {
        if (JsonText.Member(schema, "$schema") is not { } dialect)
            return null;
        string uri = SchemaUri.Split(JsonText.Decode(dialect)).Uri;
        if (uri == Schema.Draft7)
            return Vocabularies.Standard | Vocabularies.Draft7;
        if ((Metaschemas.Find(uri) ?? options.Resolve(uri)) is not { } metaschema)
        {
            refuse(JsonPointer.Append(document.Name(pointer), "$schema"), "$schema", $"Only {Dialect.Standard} can be used here, and what means the same in {Schema.Draft7}#.");
            return null;
        }
        var vocabularies = Dialect.Read(metaschema, out string? unknown);
        if (unknown is not null)
            refuse(JsonPointer.Append(document.Name(pointer), "$schema"), "$schema", $"This dialect requires the vocabulary {unknown}, which is not known here.");
        return vocabularies;
    }

    // A list in `items` is refused by the metaschema already, and so is an `$id` that is only a fragment.
    private void RefuseOlderMeanings(SchemaLocation location)
    {
        foreach (string keyword in OlderInDraft7.Where(keyword => JsonText.Member(location.Schema, keyword) is not null))
            refuse(JsonPointer.Append(location.Name, keyword), keyword, $"{keyword} of draft-07 is not used here: write it as in {Dialect.Standard}.");
        foreach (string keyword in UnknownInDraft7.Where(keyword => JsonText.Member(location.Schema, keyword) is not null))
            refuse(JsonPointer.Append(location.Name, keyword), keyword, $"{keyword} has no meaning in draft-07, and in 2020-12 it has: leave it out, or name {Dialect.Standard} in $schema.");
        bool isRoot = location.Pointer.Length == 0;
        if (JsonText.Member(location.Schema, "$ref") is not null && location.Schema.EnumerateObject().Any(member => JsonText.Name(member) is var name && !BesideRef.Contains(name) && !(isRoot && name == "$id")))
            refuse(JsonPointer.Append(location.Name, "$ref"), "$ref", "In draft-07 members beside $ref have no meaning, and in 2020-12 they have: put the $ref into allOf, or leave out the other members.");
    }

    private void AddAnchor(SchemaLocation location, string keyword)
    {
        if (JsonText.Member(location.Schema, keyword) is not { } value)
            return;
        string name = JsonText.Decode(value);
        if (keyword == "$dynamicAnchor")
            location.Resource.DynamicAnchors.TryAdd(name, location);
        if (!location.Resource.Anchors.TryAdd(name, location) && location.Resource.Anchors[name] != location)
            refuse(JsonPointer.Append(location.Name, keyword), keyword, $"The anchor {name} stands for another schema already: give each its own.");
    }
}
