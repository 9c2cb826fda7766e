using Agora.Testing;

namespace Agora.Api.Tests.Support;

/// <summary>Programs of tests/Api.Tests/Mcp/package.json, on the Node that comes with them: some want a newer one than is here.</summary>
internal static class McpPackages
{
    private const string Project = "tests/Api.Tests/Mcp";

    /// <summary>Where they are installed.</summary>
    public static string Folder { get; } = Repository.File(Project);

    /// <summary>Why they cannot be run here; null when they can.</summary>
    public static string? Missing { get; } = NodeProgram.Missing(Project, ".bin/node", ".bin/conformance", ".bin/mcp-inspector", "@modelcontextprotocol/client", "@modelcontextprotocol/sdk", "mcp-sdk-2025-06-18", "mcp-sdk-2025-03-26", "mcp-sdk-2024-11-05", "@modelcontextprotocol/server-everything", "@modelcontextprotocol/server-memory");

    public static string Program(string name) => Path.Combine(Folder, "node_modules", ".bin", name);

    /// <param name="program">In node_modules/.bin, or a file.</param>
    public static Task<(int ExitCode, string Output, string Errors)> Ended(string program, params string[] arguments) =>
        NodeProgram.Ended(Project, Program("node"), "", [File.Exists(program) ? program : Program(program), .. arguments], ("NO_COLOR", "1"), ("NO_PROXY", "127.0.0.1"));
}

/// <summary>Where Node or a package is missing the test is skipped by name.</summary>
public sealed class McpPackagesFactAttribute : FactAttribute
{
    public McpPackagesFactAttribute() => Skip = McpPackages.Missing;
}

/// <inheritdoc cref="McpPackagesFactAttribute"/>
public sealed class McpPackagesTheoryAttribute : TheoryAttribute
{
    public McpPackagesTheoryAttribute() => Skip = McpPackages.Missing;
}
