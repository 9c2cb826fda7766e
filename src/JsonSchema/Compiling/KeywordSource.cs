using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Compiling;

/// <summary>What a keyword is compiled from: the schema it stands in, and ways to the schemas it needs.</summary>
internal readonly struct KeywordSource(SchemaCompiler compiler, SchemaLocation location, string name)
{
    public string Name => name;

    public SchemaOptions Options => compiler.Options;

    public Vocabularies Vocabularies => location.Resource.Vocabularies;

    public JsonElement Value => Sibling(name)!.Value;

    public string Text => JsonText.Decode(Value);

    public int Count => ExactNumber.Of(Value).ToCount();

    public JsonElement? Sibling(string keyword) => JsonText.Member(location.Schema, keyword);

    public KeywordSource For(string keyword) => new(compiler, location, keyword);

    /// <summary>The schema that is the keyword's value; null where the keyword is absent.</summary>
    public SchemaNode? Schema() => Sibling(name) is null ? null : At(JsonPointer.Append(location.Pointer, name));

    public SchemaNode[] Schemas()
    {
        var (self, pointer) = (this, JsonPointer.Append(location.Pointer, name));
        return Sibling(name) is { } list ? [.. Enumerable.Range(0, list.GetArrayLength()).Select(i => self.At(JsonPointer.Append(pointer, i)))] : [];
    }

    public IEnumerable<(string Key, SchemaNode Schema)> SchemaMap()
    {
        if (Sibling(name) is not { } map)
            yield break;
        string pointer = JsonPointer.Append(location.Pointer, name);
        foreach (var member in map.EnumerateObject())
        {
            string key = JsonText.Name(member);
            yield return (key, At(JsonPointer.Append(pointer, key)));
        }
    }

    /// <summary>The schema that the keyword's value refers to, and its place; null if there is none, which has then been said.</summary>
    public (SchemaNode Node, SchemaLocation Location)? Target() =>
        compiler.Resolve(location, name, Text) is { } target ? (compiler.Node(target), target) : null;

    public Patterns.Pattern? Pattern(string text, string? key = null)
    {
        string place = JsonPointer.Append(location.Pointer, name);
        return compiler.Pattern(text, location.Document.Name(key is null ? place : JsonPointer.Append(place, key)), name);
    }

    public void TrackScope() => compiler.TracksScope = true;

    private SchemaNode At(string pointer) => compiler.Node(location.Document.Locations[pointer]);
}
