using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Xunit.Abstractions;

namespace Agora.Api.Tests.Documents;

/// <summary>The OpenAPI document as programs of others take it: a linter, and a generator of types.</summary>
public sealed class OpenApiToolTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agora-openapi-").FullName;

    private string Document => Path.Combine(_folder, "v1.json");

    private string OfChats => Path.Combine(_folder, "gpt.json");

    public async Task InitializeAsync()
    {
        await using var api = await RunningApi.Start();
        await File.WriteAllTextAsync(Document, await api.Client.Text("/openapi/v1.json"));
        await File.WriteAllTextAsync(OfChats, await api.Client.Text("/gpt/openapi.json"));
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [NodePackagesFact]
    public async Task Redocly_finds_no_error_by_its_recommended_rules_and_one_in_a_document_that_has_one()
    {
        var (exitCode, said, errors) = await Lint(Document, OfChats);
        output.WriteLine(errors + said);
        Assert.True(exitCode == 0, errors + said);
        Assert.DoesNotContain(" warning ", said, StringComparison.Ordinal);

        var broken = Path.Combine(_folder, "broken.json");
        await File.WriteAllTextAsync(broken, """{"openapi":"3.1.0","info":{"title":"Broken","version":"1"},"paths":{"/a/{id}":{"get":{"responses":{"200":{"description":"Nothing says what the id is."}}}}}}""");
        Assert.Contains("path-parameters-defined", (await Lint(broken)).Output, StringComparison.Ordinal);
    }

    [NodePackagesFact]
    public async Task Types_generated_from_it_compile_and_a_program_that_knows_no_more_runs_a_service()
    {
        output.WriteLine(await NodePackages.Run("", NodePackages.Program("openapi-typescript"), Document, "--output", Path.Combine(_folder, "schema.mts")));
        var program = Path.Combine(_folder, "calls.mts");
        File.Copy(Path.Combine(NodePackages.Folder, "Documents", "calls.mts"), program);
        output.WriteLine(await NodePackages.Run("", NodePackages.Program("tsc"), "--strict", "--skipLibCheck", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom", program));

        await using var api = await RunningApi.Start();
        await api.Client.Load();
        Assert.Equal("succeeded summary 25", (await NodePackages.Run("", Path.ChangeExtension(program, ".mjs"), api.Client.Address.ToString().TrimEnd('/'), RunningApi.PlatformKey)).Trim());
    }

    [NodePackagesFact]
    public async Task Every_amount_that_the_API_takes_is_valid_by_its_schema_in_a_validator_that_computes_in_floating_point()
    {
        var schemas = Amounts(JsonNode.Parse(await File.ReadAllTextAsync(Document))!).Select(static schema => schema.ToJsonString()).Distinct(StringComparer.Ordinal).ToList();
        var random = new Random(26);
        var amounts = Enumerable.Range(0, 20_000).Select(i => Core.Kernel.Money.FormatCents(i < 10_000 ? 1 + i : random.NextInt64(1, 10_000_000_000)));

        Assert.True(schemas.Count > 1, "The document has no amounts.");
        Assert.Equal("[]", (await NodePackages.Run($$"""{"schemas":[{{string.Join(',', schemas)}}],"amounts":[{{string.Join(',', amounts)}}]}""", "amounts.mjs")).Trim());
    }

    private static IEnumerable<JsonObject> Amounts(JsonNode node) => node switch
    {
        JsonObject members => members.Where(static member => member.Key.EndsWith("_cents", StringComparison.Ordinal) && (member.Value as JsonObject)?["type"]?.ToJsonString().Contains("number", StringComparison.Ordinal) == true)
            .Select(static member => Bounds(member.Value!)).Concat(members.Where(static member => member.Value is not null).SelectMany(static member => Amounts(member.Value!))),
        JsonArray items => items.Where(static item => item is not null).SelectMany(static item => Amounts(item!)),
        _ => [],
    };

    /// <summary>What of the schema says which numbers there may be.</summary>
    private static JsonObject Bounds(JsonNode schema) => new(new[] { "type", "minimum", "exclusiveMinimum", "maximum", "multipleOf" }.Where(word => schema[word] is not null).Select(word => KeyValuePair.Create(word, schema[word]?.DeepClone())));

    private static Task<(int ExitCode, string Output, string Errors)> Lint(params string[] documents) =>
        NodePackages.Ended("", [NodePackages.Program("redocly"), "lint", "--config", "redocly.yaml", "--format", "stylish", .. documents]);
}
