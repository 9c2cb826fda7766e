using System.Text.Json.Nodes;

namespace Agora.Clients.Tests;

/// <summary>clients/typescript: it compiles, its own tests and its example run against a server, and what would be published is all of it and no more.</summary>
[Collection(nameof(ClientWorld))]
public sealed class TypeScriptTests(ClientWorld world)
{
    private const string Folder = "clients/typescript";

    [NodePackagesFact]
    public async Task It_compiles_and_its_own_tests_and_its_example_pass()
    {
        await TypeScript.Compile();

        await ClientProgram.Run(Folder, TypeScript.Settings(world), "node", "--test", "dist/test/");
        var said = await ClientProgram.Run(Folder, world.Settings, "node", "dist/examples/first-run.js");

        Assert.Contains("paid 2 cents to provider-textworks", said, StringComparison.Ordinal);
    }

    [NodePackagesFact]
    public async Task What_is_packed_is_what_was_compiled_and_no_test()
    {
        await TypeScript.Compile();

        var packed = JsonNode.Parse(await ClientProgram.Run(Folder, world.Settings, "npm", "pack", "--dry-run", "--ignore-scripts", "--json"))![0]!["files"]!.AsArray().Select(file => (string)file!["path"]!).ToList();

        Assert.Superset(new HashSet<string> { "README.md", "LICENSE", "package.json", "dist/src/index.js", "dist/src/index.d.ts", "dist/src/provider/index.js" }, packed.ToHashSet());
        Assert.DoesNotContain(packed, path => path.Contains("test", StringComparison.Ordinal));
    }
}

/// <summary>The compiler is that of tests/Api.Tests' packages.</summary>
internal static class TypeScript
{
    private const string Packages = "tests/Api.Tests";
    private static readonly Lazy<Task<string>> Compiled = new(() => ClientProgram.Run("clients/typescript", new Dictionary<string, string>(), "node", Compiler, "-p", ".", "--typeRoots", Types));

    public static string? Missing { get; } = NodeProgram.Missing(Packages, "typescript/bin/tsc", "@types/node", ".bin/openapi-typescript");

    private static string Compiler => Path.Combine(Repository.File(Packages), "node_modules/typescript/bin/tsc");

    private static string Types => Path.Combine(Repository.File(Packages), "node_modules/@types");

    /// <summary>Once for all tests.</summary>
    public static Task Compile() => Compiled.Value;

    public static IReadOnlyDictionary<string, string> Settings(ClientWorld world) => new Dictionary<string, string>(world.Settings) { ["CLIENT_TEST_TSC"] = Compiler, ["CLIENT_TEST_TYPES"] = Types };
}

/// <summary>Where Node or a package is missing the test is skipped by name.</summary>
public sealed class NodePackagesFactAttribute : FactAttribute
{
    public NodePackagesFactAttribute() => Skip = TypeScript.Missing;
}
