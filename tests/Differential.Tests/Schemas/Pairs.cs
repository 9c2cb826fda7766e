using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.JsonSchema;
using Agora.Testing;

namespace Agora.Differential.Tests.Schemas;

/// <summary>A schema with instances.</summary>
internal sealed record Pairs(JsonNode? Schema, IReadOnlyList<JsonNode?> Data)
{
    public const string Folder = "tests/Differential.Tests";
    private static readonly SchemaOptions Annotating = new() { AssertFormats = false };

    public static Pairs Of(int seed, int data)
    {
        var draw = new Draw(seed);
        var schema = new SchemaGrammar(draw).Next();
        var instances = new InstanceGrammar(draw, schema);
        return new(schema, [.. Enumerable.Range(0, data).Select(_ => instances.Next())]);
    }

    /// <summary>What the public validators say of each: the two of Node in one process for all of them, JsonSchema.Net in this one.</summary>
    public static async Task<IReadOnlyList<Verdicts>> Asked(IReadOnlyList<Pairs> all)
    {
        var lines = string.Concat(all.Select(one => $"[{Json(one.Schema)},[{string.Join(',', one.Data.Select(Json))}]]\n"));
        var said = (await NodeProgram.Run(Folder, lines, "validators.mjs")).Split('\n')[..^1];
        return [.. all.Zip(said, (pair, line) => line.Split('\t') is [var ajv, var hyperjump] ? new Verdicts(pair, pair.Agora(), ajv, hyperjump, JsonSchemaNet.Asked(pair)) : throw new InvalidOperationException(line))];
    }

    private string Agora()
    {
        var compiled = JsonSchema.Schema.Compile(Encoding.UTF8.GetBytes(Json(Schema)), Annotating);
        if (!compiled.Succeeded) return $"!{compiled.Errors[0]}";

        return string.Concat(Data.Select(datum =>
        {
            var instance = JsonElement.Parse(Json(datum));
            var violations = compiled.Schema.Validate(instance);
            Assert.Equal(violations.Count == 0, compiled.Schema.IsValid(instance));
            return violations.Any(v => v.Keyword == Violation.LimitKeyword) ? '?' : violations.Count == 0 ? '1' : '0';
        }));
    }

    public override string ToString() => $"schema {Json(Schema)}\n  data {string.Join("  ", Data.Select(Json))}";

    public static string Json(JsonNode? node) => node is null ? "null" : node.ToJsonString(InstanceGrammar.AsIs);
}

/// <summary>What is said of each instance: 1 valid, 0 not; or ! and a reason where the schema is refused.</summary>
internal sealed record Verdicts(Pairs Pairs, string Agora, string Ajv, string Hyperjump, string Net)
{
    /// <summary>
    /// Where a schema has these, ajv is not heard and hyperjump decides. The texts are those of JSON Schema Core 2020-12.
    /// <list type="bullet">
    /// <item><c>unevaluated…</c>: "Schema objects that produce a false assertion result MUST NOT produce any annotation results" (7.7.1.2). Within anyOf and if ajv counts what a failing branch has seen.</item>
    /// <item><c>contains</c>: "An array instance is valid against contains if at least one of its elements is valid against the given schema" (10.3.1.3). Beside other keywords ajv takes an empty array.</item>
    /// </list>
    /// </summary>
    private static readonly string[] NotByAjv = ["unevaluatedItems", "unevaluatedProperties", "contains"];

    /// <summary>What ajv says where the code that it makes of a schema does not run: it has no opinion.</summary>
    private static readonly string[] AjvsFaults = ["is not defined", "Cannot set properties of undefined"];

    public bool IsHeard => !NotByAjv.Any(keyword => Pairs.Json(Pairs.Schema).Contains($"\"{keyword}\":", StringComparison.Ordinal)) && !AjvsFaults.Any(fault => Ajv.Contains(fault, StringComparison.Ordinal));

    public bool IsNetHeard => JsonSchemaNet.IsHeard(Pairs);

    /// <summary>Those about which Agora stands against whoever is heard.</summary>
    public IEnumerable<int> Disputed => IsRefused
        ? Differ(Hyperjump) || (IsHeard && Differ(Ajv)) || (IsNetHeard && Differ(Net)) ? [0] : []
        : Enumerable.Range(0, Agora.Length).Where(i => Agora[i] != Hyperjump[i] || (IsHeard && Agora[i] != Ajv[i]) || (IsNetHeard && Agora[i] != Net[i]));

    public int Valid => Agora.Count(c => c == '1');

    private bool IsRefused => Agora[0] == '!' || Hyperjump[0] == '!' || (IsHeard && Ajv[0] == '!') || (IsNetHeard && Net[0] == '!');

    /// <summary>Whether these say the same, but for the reasons of a refusal.</summary>
    public bool IsAs(Verdicts other) => Signs == other.Signs;

    private (char, char, bool, bool) Signs => (Agora[0], Hyperjump[0], IsHeard && Ajv[0] != Agora[0], IsNetHeard && Net[0] != Agora[0]);

    /// <summary>Of one instance alone.</summary>
    public Verdicts Of(int i) => new(Pairs with { Data = [Pairs.Data[i]] }, At(Agora, i), At(Ajv, i), At(Hyperjump, i), At(Net, i));

    public override string ToString() => $"Agora says {Agora}, hyperjump {Hyperjump}, ajv {Ajv}, JsonSchema.Net {Net}\n  {Pairs}";

    private bool Differ(string said) => (said[0] == '!') != (Agora[0] == '!');

    private static string At(string said, int i) => said[0] == '!' ? said : said[i..(i + 1)];
}
