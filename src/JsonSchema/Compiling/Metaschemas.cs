using System.Text.Json;

namespace Agora.JsonSchema.Compiling;

/// <summary>The metaschemas of draft 2020-12, as published, from the assembly's resources.</summary>
internal static class Metaschemas
{
    private static readonly Dictionary<string, JsonElement> Documents = Read();

    private static readonly HashSet<string> Keywords = Documents.Values
        .SelectMany(document => document.GetProperty("properties").EnumerateObject().Select(member => member.Name))
        .ToHashSet(StringComparer.Ordinal);

    // Without formats: the compiler reads patterns and ids itself, and can say what is wrong with them.
    private static readonly Lazy<Schema> Standard =
        new(() => new SchemaCompiler(new SchemaOptions { AssertFormats = false }).CompileTrusted(Documents[Dialect.Standard]));

    /// <summary>Twenty times the work of an instance: 64 KiB of schema take about a quarter of that.</summary>
    private const int MaxWork = 20 * SchemaLimits.MaxWork;

    public static JsonElement? Find(string uri) => Documents.TryGetValue(uri, out var document) ? document : null;

    /// <summary>What makes a document no schema.</summary>
    public static IReadOnlyList<Violation> Check(JsonElement schema) => Standard.Value.Validate(schema, MaxWork);

    /// <summary>The innermost keyword on the way to a place in a schema: the one to look at.</summary>
    public static string KeywordAt(string pointer) => JsonPointer.Segments(pointer).LastOrDefault(Keywords.Contains, "");

    private static Dictionary<string, JsonElement> Read()
    {
        var documents = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var assembly = typeof(Metaschemas).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("metaschema:", StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var document = JsonDocument.Parse(stream);
            var schema = document.RootElement.Clone();
            documents.Add(schema.GetProperty("$id").GetString()!, schema);
        }
        return documents;
    }
}
