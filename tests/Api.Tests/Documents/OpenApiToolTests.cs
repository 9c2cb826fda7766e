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

    private static Task<(int ExitCode, string Output, string Errors)> Lint(params string[] documents) =>
        NodePackages.Ended("", [NodePackages.Program("redocly"), "lint", "--config", "redocly.yaml", "--format", "stylish", .. documents]);
}
